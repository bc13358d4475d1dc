"""The reader of Swift and C text, on text in which a careless one would go astray."""

import pytest
from circles import arrows, components
from swift_source import SwiftFile, code_of

LITERALS = r'''
let a = "x // Foo \(Bar("y\(Baz)") + 1) Qux" // Foo
/* a /* b */ Foo */ let b = #"raw \(no) "quoted" \#(Yes)"#
let c = """
  Foo " "" \(Inner) { }
  """
'''


def test_only_code_and_interpolations_stay_and_at_their_places():
    code = code_of(LITERALS)
    assert code.split() == ["let", "a", "=", "(Bar(", "(Baz)", ")", "+", "1)",
                            "let", "b", "=", "(Yes)", "let", "c", "=", "(Inner)"]
    assert len(code) == len(LITERALS)
    assert [line.find("Bar") for line in code.splitlines()] == [
        line.find("Bar") for line in LITERALS.splitlines()]


def test_comments_and_character_literals_of_c_are_blanked():
    code = code_of("""int f(void) { /* { /* */ return '{' + '\\''; } // }\n""", swift=False)
    assert code.split() == ["int", "f(void)", "{", "return", "+", ";", "}"]


def test_types_are_found_in_types_and_not_in_functions():
    file = SwiftFile(
        "struct A<T: P>: B { private enum C { case x }; enum D {}; func f() { struct E {} } }\n"
        "private struct F { struct G {} }\n"
        "extension H.I { struct J {} }\n")
    assert [(t.name, t.outer, t.is_private) for t in file.types] == [
        ("A", (), False), ("C", ("A",), True), ("D", ("A",), False), ("F", (), True),
        ("G", ("F",), True), ("H.I", (), False), ("J", ("H", "I"), False)]
    assert file.own_names() == {"C", "F", "G", "T"}


@pytest.mark.parametrize(("text", "names"), [
    ("let a: A.State", {"State"}),
    ("let b: B.State", set()),
    ("extension A { func f(_ state: State) {} }", {"State"}),
    ("func f<State>(_ state: State) {}", set()),
    ('let text = "A.State" // A.State', set()),
])
def test_a_nested_name_of_several_files_is_that_of_its_outer_type(text, names):
    files = {"a": SwiftFile("extension A { enum State {} }"),
             "b": SwiftFile("extension B { enum State {} }"), "c": SwiftFile(text)}
    assert arrows(files)["c"].get("a", set()) == names


def test_components_are_the_circles():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert sorted(map(sorted, components(graph))) == [["a", "b", "c"], ["d", "e"], ["f"]]
