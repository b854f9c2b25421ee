import json
import os
import tempfile
import unittest
from pathlib import Path

from lines import REPOSITORY, SpoolTest
from runledger import configuration
from runledger.settings import Settings

VECTORS = REPOSITORY / "schemas" / "src" / "test" / "resources" / "settings-vectors.json"


class VectorsTest(unittest.TestCase):
    def test_settings_are_found_as_in_all_languages(self):
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
        self.assertGreater(len(vectors), 40)
        for vector in vectors:
            with self.subTest(vector["what"]), tempfile.TemporaryDirectory() as directory:
                def placed(text):
                    return text.replace("{dir}", directory)

                for name, content in vector["files"].items():
                    path = Path(placed(name))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    data = bytes.fromhex(content["hex"]) if isinstance(content, dict) else placed(content).encode()
                    path.write_bytes(data)
                environment = {name: placed(value) for name, value in vector["environment"].items()}
                complaints = []

                found = configuration.read(environment, complaints.append)

                for key, value in vector["expected"].items():
                    is_path = key in ("spool", "db")
                    actual = found.path(key) if is_path else str(
                        found.text(key) or configuration.NUMBERS[key][0])
                    self.assertEqual(placed(value), actual, key)
                self.assertEqual(vector["complaints"], min(1, len(complaints)), complaints)


class SettingsTest(SpoolTest):
    def test_an_empty_home_is_not_the_working_directory(self):
        for home in ("", ".", "relative"):
            with self.subTest(home):
                spool = Settings.read({"HOME": home}).spool
                self.assertTrue(os.path.isabs(spool))
                self.assertFalse(spool.startswith(os.getcwd() + os.sep), spool)
                self.assertFalse(spool.startswith("/.local"), spool)

    def test_a_job_that_finds_the_file_that_up_named_appends_where_it_says(self):
        del os.environ["RUNLEDGER_SPOOL"]
        file = Path(self.spool).parent / "stack.properties"
        file.write_text(f"data.dir={file.parent}/ledger\n")
        self.process("import runledger\nrunledger.init(experiment='7')\n", RUNLEDGER_CONFIG=str(file))

        self.assertEqual(1, len(list((file.parent / "ledger" / "spool").glob("*.jsonl"))))

    def test_a_file_that_is_gone_is_told_once(self):
        script = "import runledger\nfor seed in range(3): runledger.init(experiment='7', seed=seed)\n"
        told = self.process(script, RUNLEDGER_CONFIG="/no/such/file")

        self.assertEqual(1, told.count("/no/such/file cannot be read"))


if __name__ == "__main__":
    unittest.main()
