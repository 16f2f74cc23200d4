// Random expressions over random documents: whole, in pieces and with functions of ours they are what libxml2 makes of
// them in a document without numbers. BATCHOUT_XPATH_SEEDS is how many documents.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "components/xml/compiled_path.h"
#include "components/xml/fence.h"
#include "components/xml/lookup.h"
#include "components/xml/places.h"
#include "components/xml/tree.h"

namespace batchout::xml::test {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string text = "<!-- first --><r>";
    left_ = 150;
    while (left_ > 0) element(4, text);
    return text + "</r><!-- last -->";
  }

  /// An expression, in some cases with other characters, which may still be valid.
  std::string any_expression() {
    std::string text = expression(3);
    for (std::size_t changes = below(8) < 6 ? 0 : 1 + below(3); changes > 0; --changes) {
      constexpr std::string_view kCharacters = "()[]/.@*|-+=<>'\" 1ab:$,!\t_";
      const std::size_t at = below(text.size());
      if (below(2) == 0)
        text.erase(at, 1);
      else
        text.insert(at, 1, kCharacters[below(kCharacters.size())]);
      if (text.empty()) text = "a";
    }
    return text;
  }

  /// Of nodes, truth, numbers or texts.
  std::string expression(int depth) {
    if (depth == 0) return path(0);
    switch (below(20)) {
      case 0:
        return fmt::format("count({})", set(depth - 1));
      case 1:
        return fmt::format("string({})", set(depth - 1));
      case 2:
        return fmt::format("concat({}, '-', {})", expression(depth - 1), set(depth - 1));
      case 3:
        return fmt::format("sum({}) + 1", set(depth - 1));
      case 4:
        return fmt::format("{} {} {}", set(depth - 1), one_of({"=", "!=", "<", "<=", ">", ">="}), set(depth - 1));
      case 5:
        return fmt::format("{} {} {}", set(depth - 1), one_of({"=", "!=", "<"}), one_of({"1", "'2'", "'ab'"}));
      case 6:
        return fmt::format("not({}) or {}", set(depth - 1), expression(depth - 1));
      case 7:
        return fmt::format("({}) and boolean({})", expression(depth - 1), expression(depth - 1));
      case 8:
        return fmt::format("{} {} {}", set(depth - 1), one_of({"+", "-", "*", "div", "mod"}), expression(depth - 1));
      case 9:
        return fmt::format("-{}", set(depth - 1));
      case 10:
        return fmt::format("{}({})", one_of({"name", "local-name", "number", "normalize-space", "string-length"}),
                           set(depth - 1));
      case 11:
        return fmt::format("{}({}, {})", one_of({"contains", "starts-with", "substring-before", "substring-after"}),
                           set(depth - 1), one_of({"'b'", "'2'", "string(@i)", "//a/@j"}));
      case 12:
        return fmt::format("translate({}, 'ab', {})", set(depth - 1), one_of({"'x'", "string(..)", "''"}));
      case 13:
        return fmt::format("substring({}, {}) = string()", set(depth - 1), one_of({"1", "@i", "2, 1"}));
      case 14:
        return one_of({"lang('en')", "string-length()", "normalize-space()", "number()", "round(@i)", "floor(..)"});
      case 15:
        return one_of({"position()", "last()", "2", "true()", "position() = last()"});
      default:
        return set(depth);
    }
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }
  std::string one_of(std::initializer_list<const char*> choices) { return choices.begin()[below(choices.size())]; }

  void element(int depth, std::string& text) {
    --left_;
    const std::string name = one_of({"a", "b", "c"});
    text += "<" + name;
    if (below(3) == 0) text += fmt::format(" i='{}'", below(4));
    if (below(5) == 0) text += fmt::format(" j='{}'", below(3));
    if (below(9) == 0) text += fmt::format(" xml:id='k{}'", left_);
    if (below(20) == 0) text += " xml:lang='en'";
    text += ">";
    for (std::size_t children = depth == 0 ? 0 : below(5); children > 0; --children) {
      const std::size_t kind = below(8);
      if (kind < 2)
        text += one_of({"1", "2", "x", "ab", " ", "3.5"});
      else if (kind == 2)
        text += one_of({"<!-- c -->", "<?p q?>", "<!---->"});
      else
        element(depth - 1, text);
    }
    text += "</" + name + ">";
  }

  std::string set(int depth) {
    if (depth <= 0) return path(0);
    switch (below(7)) {
      case 6:
        return one_of({"id('k3 k1 k2')", "id(//@xml:id)", "(id('k9 k4 k1'))[1]", "id('k5')/..", "id(string(@j))//a"});
      case 0:
        return fmt::format("({})", set(depth - 1));
      case 1:
        return fmt::format("({} | {})", set(depth - 1), set(depth - 1));
      case 2:
        return fmt::format("({}){}", set(depth - 1), predicate(depth - 1));
      case 3:
        return fmt::format("({} | {}){}/{}", set(depth - 1), set(depth - 1), predicate(depth - 1), step(depth - 1));
      default:
        return path(depth);
    }
  }

  std::string path(int depth) {
    std::string text = one_of({"", "", "/", "//", ".//", "/r/", "//a/"}) + step(depth);
    for (std::size_t more = below(4); more > 0; --more) text += one_of({"/", "/", "//", " / "}) + step(depth);
    return text;
  }

  std::string step(int depth) {
    std::string text = one_of({"a", "b", "c", "*", "..", "@i", "@*", "text()", "node()", "a", "b", ".", "comment()"});
    if (text == "." || text == "..") return text;
    if (text[0] != '@' && below(4) == 0)
      text = one_of({"ancestor", "ancestor-or-self", "descendant", "descendant-or-self", "following",
                     "following-sibling", "parent", "preceding", "preceding-sibling", "self", "child"}) +
             "::" + text;
    for (; depth > 0 && below(3) == 0; --depth) text += predicate(depth - 1);
    return text;
  }

  std::string predicate(int depth) {
    return below(3) == 0 ? one_of({"[1]", "[2]", "[last()]", "[position() > 1]"}) : "[" + expression(depth) + "]";
  }

  std::mt19937 random_;
  int left_ = 0;
};

std::string shown(const Object& object) {
  if (!object) return "fails";
  switch (object->type) {
    case XPATH_NODESET: {
      std::string text;
      for (int i = 0; object->nodesetval != nullptr && i < object->nodesetval->nodeNr; ++i)
        text += fmt::format("{} ", static_cast<void*>(object->nodesetval->nodeTab[i]));
      return text;
    }
    case XPATH_BOOLEAN:
      return object->boolval != 0 ? "true" : "false";
    case XPATH_NUMBER:
      return std::isnan(object->floatval) ? "NaN" : fmt::format("{}", object->floatval);
    default:
      return reinterpret_cast<const char*>(object->stringval);
  }
}

/// How many expressions were compared.
int compare(unsigned seed) {
  int compared = 0;
  Random random(seed);
  Tree tree(Form::xml);
  EXPECT_FALSE(tree.parse(random.document()));
  XPath xpath({});
  std::vector<std::string> paths;
  std::vector<std::string> expected;
  const auto each = [&](const char* how) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      auto compiled = CompiledPath::compile(xpath, paths[i]);
      xpath.start(tree.document());
      const Object found = compiled ? compiled->evaluate(xpath, tree.root()) : Object();
      if (compiled && !found && xpath.exhausted()) continue;
      ++compared;
      EXPECT_EQ(shown(found), expected[i]) << how << ": " << paths[i] << " of " << seed;
    }
  };
  for (int i = 0; i < 40; ++i) {
    const std::string path = random.any_expression();
    const auto whole = xpath.compile("(" + path + ")");  // Without these it leaves the node itself out of `.//.`.
    if (!whole || check_path({path, {path}}, {})) continue;
    xpath.start(tree.document());
    const Object found = xpath.evaluate(**whole, tree.root());
    if (xpath.exhausted()) continue;
    paths.push_back(path);
    expected.push_back(shown(found));
  }
  each("without numbers");
  xmlXPathOrderDocElems(tree.document());
  each("with numbers");
  return compared;
}

void compare_places(const xmlNode* node, Places& places, int& count) {
  for (; node != nullptr; node = node->next) {
    const std::unique_ptr<xmlChar, void (*)(void*)> path(xmlGetNodePath(node), xmlFree);
    EXPECT_EQ(places.of(*node), reinterpret_cast<const char*>(path.get()));
    ++count;
    if (node->type != XML_ELEMENT_NODE) continue;
    compare_places(reinterpret_cast<const xmlNode*>(node->properties), places, count);
    compare_places(node->children, places, count);
  }
}

TEST(XmlRandom, PlacesAreThoseOfLibxml2) {
  const std::string named =
      "<r xmlns:p='p' xmlns:q='p'><a/><p:a p:i='1' i='2'/><q:a/><p:a/><x xmlns='d'><a/><b/><p:a/><p:b/></x>"
      "<x xmlns='d'/><x/>text<x/><![CDATA[more]]><?p q?><?p r?><?q?></r>";
  for (unsigned seed = 0; seed < 10; ++seed) {
    Tree tree(Form::xml);
    ASSERT_FALSE(tree.parse(seed == 0 ? named : Random(seed).document()));
    Places places;
    int count = 0;
    compare_places(tree.document()->children, places, count);
    EXPECT_GE(count, 20);
  }
}

TEST(XmlRandom, ExpressionsMeanWhatLibxml2Says) {
  const Quiet quiet;
  const char* const given = std::getenv("BATCHOUT_XPATH_SEEDS");
  const int seeds = given != nullptr ? std::atoi(given) : 60;
  int compared = 0;
  for (int seed = 0; seed < seeds; ++seed) compared += compare(static_cast<unsigned>(seed));
  EXPECT_GT(compared, seeds * 50);
}

}  // namespace
}  // namespace batchout::xml::test
