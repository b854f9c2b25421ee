import json
import unittest
import uuid

from lines import SCHEMAS
from runledger import ExperimentDB, identity
from runledger.identity import RunKey, TimeOrderedIds, from_text, parse_id, to_text


class IdentityTest(unittest.TestCase):
    def test_run_ids_agree_with_the_vectors_of_all_languages(self):
        vectors = json.loads((SCHEMAS / "run-id-vectors.json").read_text(encoding="utf-8"))["vectors"]
        self.assertGreater(len(vectors), 20)
        for vector in vectors:
            parts = vector["parts"]
            with self.subTest(vector["what"]):
                if vector["kind"] == "key":
                    key = RunKey.of(*parts.values())
                    encoding, number = identity.canonical_key(key), identity.run_id_of_key(key)
                else:
                    named = (parts["project"], parts["name"], uuid.UUID(parts["instance"]))
                    encoding = identity.canonical_instance(*named)
                    number = identity.run_id_of_instance(*named)

                self.assertEqual(vector["canonical_encoding"], encoding.hex())
                self.assertEqual(vector["run_id"], str(number))
                self.assertEqual(vector["text"], to_text(number))
                self.assertEqual(number, from_text(vector["text"].upper()))

    def test_an_id_may_come_as_number_text_or_digits(self):
        for given in (8387861934265551830, "8387861934265551830", "78sxbzm4epjyp", "78SXBZM4EPJYP"):
            self.assertEqual(8387861934265551830, parse_id(given))

    def test_what_is_no_id_is_refused(self):
        for given in ("", "8sxbzm4epjypp1", "u8sxbzm4epjyp", "0000000000000", 0, -1, 2**63, "-1"):
            with self.subTest(given), self.assertRaises(ValueError):
                parse_id(given)

    def test_a_float_is_refused_as_an_id_with_a_sentence(self):
        for given in (8387861934265551830.0, 8.387861934265552e18, float("nan"), 1.0):
            with self.subTest(given), self.assertRaisesRegex(ValueError, "is a float, which cannot hold"):
                parse_id(given)
        db = ExperimentDB(wait=0)
        for read in (db.get_run, db.get_metrics, db.get_run_metrics, lambda r: db.compare_runs([r]),
                     lambda r: db.log_metric(r, "a", 1.0), lambda r: db.update_run_status(r, "failed")):
            with self.assertRaisesRegex(ValueError, "is a float"):
                read(8387861934265551830.0)

    def test_what_has_no_number_is_refused_with_a_sentence(self):
        for given in (None, object(), [], {}, b"78sxbzm4epjyp"):
            with self.subTest(given), self.assertRaisesRegex(ValueError, "not a valid id"):
                parse_id(given)

    def test_a_seed_that_is_no_whole_number_of_64_bits_is_refused(self):
        for seed in ("three", 0.5, 2**63, -(2**63) - 1):
            with self.subTest(seed), self.assertRaises(ValueError):
                RunKey.of(None, None, None, None, None, seed)

    def test_ids_grow_also_when_the_clock_steps_back(self):
        times = iter([2.0, 1.0, 1.0, 3.0])
        ids = TimeOrderedIds(lambda: next(times))

        made = [ids.next() for _ in range(4)]

        self.assertEqual(sorted(set(made)), made)
        self.assertEqual([2000, 2000, 2000, 3000], [number >> 21 for number in made])


if __name__ == "__main__":
    unittest.main()
