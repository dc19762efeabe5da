"""
What both launchers change in LocalStack's Step Functions: where Java and jars are, and three defects, one in Choice and two
in JSONata, that make most machines go wrong. Imported before anything of LocalStack.
"""

import _thread
import json
import re
import sys
import threading
from os import environ

if sys.version_info < (3, 13):
    # LocalStack writes `Lock | None`; before Python 3.13 `Lock` was a function, of which there is no union.
    threading.Lock = type("Lock", (), {"__new__": lambda cls: _thread.allocate_lock()})

from localstack.packages.java import JavaPackageInstaller
from localstack.services.stepfunctions.asl.component.state.state_choice.state_choice import StateChoice
from localstack.services.stepfunctions.asl.eval import states, variable_store
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.parse.preprocessor import Preprocessor
from localstack.services.stepfunctions.packages import JSONataPackageInstaller


def use_installed_parts(jsonata_jars: str) -> None:
    """LocalStack would download a JRE and the JSONata jars."""
    folders = {JavaPackageInstaller: environ["JAVA_HOME"], JSONataPackageInstaller: jsonata_jars}
    for installer, folder in folders.items():
        installer.install = lambda self, target=None: None
        installer.get_installed_dir = lambda self, folder=folder: folder


def parse_once() -> None:
    """LocalStack reads a definition anew for every execution; the syntax tree of one is always the same."""
    parse, trees = AmazonStateLanguageParser.parse, {}

    def parse_or_recall(definition: str) -> tuple[object, object]:
        if tree := trees.get(definition):
            return Preprocessor().visit(tree), tree
        program, trees[definition] = parse(definition)
        return program, trees[definition]

    AmazonStateLanguageParser.parse = staticmethod(parse_or_recall)


class RuleTarget(str):
    """Name of the state that a rule of a Choice leads to."""


def mend_choice() -> None:
    """A rule that leads where Default leads is taken for Default, and the state's own Output replaces the rule's."""
    by_default = StateChoice._eval_state_output

    def choose(self: StateChoice, env: Environment) -> None:
        for rule in self.choices_decl.rules:
            rule.eval(env)
            if env.stack.pop() is True:
                return env.stack.append(RuleTarget(rule.next_stmt.name))
        if self.default_state is None:
            raise RuntimeError(f"No branching option reached in state {self.name}")
        return env.stack.append(self.default_state.state_name)

    def leave(self: StateChoice, env: Environment) -> None:
        if isinstance(env.stack[-1], RuleTarget):
            env.next_state_name = str(env.stack.pop())
        else:
            by_default(self, env)

    StateChoice._eval_state, StateChoice._eval_state_output = choose, leave


def mend_jsonata() -> None:
    """
    1. String variables are pasted into the expression without escapes: a quote or backslash in a value breaks it.
    2. References inside `[...]` are skipped, so `$merge([$states.input, ...])` does not see the input. LocalStack skips
       them because it refuses a lone `$`, which is wrong outside of brackets only; here `$` is left to JSONata.
    """

    def declared(bindings: dict[str, object]) -> str:
        return "".join(f"{name}:={json.dumps(value, default=str)};" for name, value in bindings.items())

    for module in (jsonata, states, variable_store):
        module.encode_jsonata_variable_declarations = declared
    skipped = [r"/(?:\\.|[^\\/])*/[a-zA-Z]*", r'"(?:\\.|[^"\\])*"', r"'(?:\\.|[^'\\])*'"]
    reference = r"(\$[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)"
    jsonata._PATTERN_VARIABLE_REFERENCE = re.compile("|".join([*skipped, reference]))
