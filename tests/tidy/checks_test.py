"""Each check finds what it is for, in small trees made here."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checks import code_of, codes, errors, layers, names, readme, reference, sizes, tree  # noqa: E402


class Checks(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def found(self, check, **tree_of_files):
        """The findings as "path:line", for files given as path (__ for /, ___ for .) = text."""
        for name, text in tree_of_files.items():
            path = self.root / name.replace("___", ".").replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [f"{problem.path}:{problem.line}" for problem in check.problems(self.root)]

    LAYERS = "base:\ndata: base\ncomponents/*: base\napp/*: data\n"

    def test_an_include_against_the_layers_is_found(self):
        source = '// A.\n#include "base/a.h"\n#include "batchout/b.h"\n#include <vector>\n'
        upward = '// B.\n#include "data/a.h"\n'
        files = {"src__data__a___cpp": source, "src__base__b___cpp": upward}
        self.assertEqual(self.found(layers, LAYERS=self.LAYERS, **files), ["src/base/b.cpp:2"])

    def test_a_component_must_not_use_another(self):
        one = '// A.\n#include "components/one/a.h"\n#include "components/two/b.h"\n'
        files = {"LAYERS": self.LAYERS, "src__components__one__a___cpp": one}
        self.assertEqual(self.found(layers, **files), ["src/components/one/a.cpp:3"])

    def test_a_folder_without_a_rule_is_found(self):
        self.assertEqual(self.found(layers, LAYERS=self.LAYERS, src__other__a___h="// A.\n"), ["src/other/a.h:1"])

    def test_a_library_has_one_folder(self):
        files = {"src__base__a___cpp": "#include <yaml.h>\n#include <fmt/format.h>\n#include <unistd.h>\n",
                 "src__data__b___cpp": "#include <fmt/format.h>\n#include <yaml.h>\n"}  # fmt: skip
        self.assertEqual(self.found(layers, LAYERS=self.LAYERS, **files), ["src/data/b.cpp:2"])

    def test_public_headers_use_only_the_standard(self):
        header = '// A.\n#include <span>\n#include "base/a.h"\n#include <fmt/core.h>\n'
        files = {"include__batchout__a___h": header}
        expected = ["include/batchout/a.h:3", "include/batchout/a.h:4"]
        self.assertEqual(self.found(layers, LAYERS=self.LAYERS, **files), expected)

    def test_public_headers_are_few_and_short(self):
        files = {f"include__batchout__h{number}___h": "\n" * 200 for number in range(9)}
        self.assertEqual(self.found(layers, LAYERS="", **files), ["include:1", "include:1"])

    def test_the_tree_names_exactly_the_folders(self):
        table = "```tree\nsrc/   Sources.\nsrc/base/   Results.\nsrc/gone/   Nothing.\ndocs/\n```\n"
        files = dict.fromkeys(("src__base__a___h", "src__new__a___h", "docs__a___md", "extra__a___h"), "")
        expected = ["ARCHITECTURE.md:4", "ARCHITECTURE.md:5", "ARCHITECTURE.md:1", "ARCHITECTURE.md:2"]
        self.assertEqual(self.found(tree, ARCHITECTURE___md=table, **files), expected)

    def test_vague_names_and_left_notes_are_found(self):
        note = "// A.\n// TO" + "DO later\nint string_helper();\n// in /ho" + "me/me\n"
        files = {"src__base__string_util___h": "// A.\n", "src__base__a___h": note}
        expected = ["src/base/a.h:2", "src/base/a.h:4", "src/base/string_util.h:1", "src/base/a.h:3"]
        self.assertEqual(self.found(names, **files), expected)

    def test_throwing_is_found_outside_comments_and_texts(self):
        source = '// A throw.\nauto a = "throw";\nauto b = R"(\nthrow)";\nvoid c() { throw 1; }\n'
        self.assertEqual(self.found(errors, src__data__a___cpp=source), ["src/data/a.cpp:5"])

    def test_long_functions_and_files_and_missing_openings_are_found(self):
        body = "  if (a) {\n  }\n" * 40
        constructor = "// A.\nclass A {\n  A(int a) : a_{a}, b_{1} {\n" + body + "  }\n};\n"
        longest = "// A.\n" + "int a;\n" * 900
        files = {"src__base__a___cpp": constructor, "src__base__b___cpp": longest, "src__base__c___cpp": "int a;\n"}
        self.assertEqual(self.found(sizes, **files), ["src/base/a.cpp:3", "src/base/b.cpp:900", "src/base/c.cpp:1"])

    def test_a_judge_that_is_too_long_as_a_whole_is_found(self):
        half = "// A.\n" + "int a;\n" * 299
        self.assertEqual(self.found(sizes, tests__naive__a___cpp=half, tests__naive__b___cpp=half), [])
        self.assertEqual(self.found(sizes, tests__naive__c___h="// A.\n"), ["tests/naive:1"])

    def test_many_short_functions_are_fine(self):
        source = "// A.\nnamespace a {\n" + "void f(int b) {\n  g(b);\n}\n" * 60 + "}\n"
        self.assertEqual(self.found(sizes, src__base__a___cpp=source), [])

    def test_the_readme_shows_two_commands(self):
        self.assertEqual(self.found(readme, README___md="./dev demo\n./dev test\n"), [])
        self.assertEqual(self.found(readme, README___md="./dev demo\n./dev tidy\n"), ["README.md:2", "README.md:1"])

    def test_codes_and_pages_belong_together(self):
        files = {"src__base__a___cpp": '// A.\nfail("BO101");\nfail("BO102");\nfail("BO001");\n',
                 "docs__errors__BO102___md": "# BO102: a\n", "docs__errors__BO103___md": "BO103\n",
                 "docs__errors__README___md": "- BO102\n- BO103\n- BO104\n"}  # fmt: skip
        expected = ["docs/errors/BO103.md:1", "src/base/a.cpp:2", "docs/errors/BO103.md:1", "docs/errors/README.md:1"]
        self.assertEqual(self.found(codes, **files), expected)

    def test_the_reference_names_types_and_keys(self):
        source = '// A.\ns.named("output", "one", "")\n.alias("uno")\n.field("path", 1, "")\n.field("mode", 2, "");\n'
        page = "### one\n\n| `path` | text |\n"
        found = self.found(reference, src__components__one__a___cpp=source, docs__components___md=page)
        self.assertEqual(found, ["src/components/one/a.cpp:3", "src/components/one/a.cpp:5"])

    def test_code_without_comments_keeps_its_lines(self):
        source = "a /* b\nc */ d // e\n1'000 'x' \"//\"\n"
        self.assertEqual(code_of(source).split("\n"), ["a ", " d ", "1'000 \"\" \"\"", ""])


if __name__ == "__main__":
    unittest.main()
