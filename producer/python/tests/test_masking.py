import json
import unittest
from unittest import mock

from lines import SCHEMAS
from runledger import masking, secret_names
from runledger.settings import Settings


def no_warning():
    """What is not a pattern is reported, which this test does not check."""
    return mock.patch("runledger.settings._LOG.warning")


VECTORS = json.loads((SCHEMAS / "masking-vectors.json").read_text(encoding="utf-8"))


class MaskingVectorsTest(unittest.TestCase):
    def test_names_of_secrets_are_those_of_all_languages(self):
        names = VECTORS["names"]
        self.assertGreater(len(names), 100)
        for name, is_secret in (names.items() if isinstance(names, dict) else (
                (vector["name"], vector["secret"]) for vector in names)):
            with self.subTest(name):
                self.assertEqual(is_secret, secret_names.is_secret(name))

    def test_configurations_are_masked_as_in_all_languages(self):
        for vector in VECTORS["objects"]:
            with self.subTest(vector["about"]):
                pattern = vector.get("secret_keys")
                with no_warning():
                    secrets = Settings.read({"RUNLEDGER_SECRET_KEYS": pattern or ""}).secrets

                tree, keys = secrets.masked(vector["config"])

                self.assertEqual(vector["masked"], tree)
                self.assertEqual(vector["masked_keys"], keys)

    def test_texts_are_masked_as_in_all_languages(self):
        for vector in VECTORS["texts"]:
            with self.subTest(vector["text"][:40]):
                self.assertEqual(vector["masked"], masking.prose(vector["text"]))


    def test_an_expression_that_takes_too_long_to_decide_on_a_name_hides_it(self):
        for pattern in ("(a+)+", "(a|aa)+", "(?:x?a*)*b"):
            with self.subTest(pattern):
                secrets = Settings.read({"RUNLEDGER_SECRET_KEYS": pattern}).secrets
                tree, _ = secrets.masked({"a" * 60 + "c": 1, "lr": 2, "long_name_of_a_rate": 3})

                self.assertEqual([masking.MASK, 2, 3], list(tree.values()))
        plain = Settings.read({"RUNLEDGER_SECRET_KEYS": ".*_(my|our)_.*"}).secrets
        tree, _ = plain.masked({"a_name_that_is_longer_than_twenty": 1, "x_our_y": 2})
        self.assertEqual([1, masking.MASK], list(tree.values()))


if __name__ == "__main__":
    unittest.main()
