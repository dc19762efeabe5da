"""
Functions as processes of this machine: one `host.mjs` for each execution environment, in the unzipped asset as it was deployed,
with the variables that LocalStack gives it. Not covered: Amazon Linux, memory, layers, runtimes other than Node, roles.
"""

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from types import SimpleNamespace

from localstack import config
from localstack.services.lambda_.invocation import assignment, execution_environment, runtime_executor
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult

HOST = Path(__file__).with_name("host.mjs")
START_S = 30


def run_as_processes(gateway: str, folder: Path) -> None:
    """Every way to an executor leads to this one."""
    executor = type("Executor", (ProcessExecutor,), {"gateway": gateway, "folder": folder})
    plugin = SimpleNamespace(load=lambda: executor)
    runtime_executor.EXECUTOR_PLUGIN_MANAGER = SimpleNamespace(exists=lambda name: True, load=lambda name: plugin)
    environment = execution_environment.ExecutionEnvironment
    # No role is assumed: nothing here checks what it may do.
    environment.get_credentials = lambda self: {key: "test" for key in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    environment.get_log_group_name = log_group
    environment.get_log_stream_name = partial_stream(environment.get_log_stream_name)
    assignment.AssignmentService.get_environment = get_environment


ASSIGNING = threading.Lock()


@contextlib.contextmanager
def get_environment(
    self: assignment.AssignmentService, manager: str, version: FunctionVersion, _kind: object
) -> Iterator[execution_environment.ExecutionEnvironment]:
    """
    One that is free, or a new one. LocalStack 4.13.1 looks for it while others add theirs, and adds a new one before it is taken:
    invocations at the same time then fail with InternalError.
    """
    with ASSIGNING:
        free = next((each for each in list(self.environments[manager].values()) if reserved(each)), None)
    taken = free or self.start_environment(manager, version)
    if free is None:
        taken.reserve()
        with ASSIGNING:
            self.environments[manager][taken.id] = taken
    try:
        yield taken
    except BaseException:
        self.stop_environment(taken)
        raise
    with contextlib.suppress(execution_environment.InvalidStatusException):
        taken.release()


def reserved(environment: execution_environment.ExecutionEnvironment) -> bool:
    with contextlib.suppress(execution_environment.InvalidStatusException):
        environment.reserve()
        return True
    return False


def log_group(self: object) -> str:
    """LocalStack knows only `/aws/lambda/<function>`; a function may name another."""
    function = self.function_version
    return function.config.logging_config.get("LogGroup") or f"/aws/lambda/{function.id.function_name}"


def partial_stream(original: object) -> object:
    """In a group that functions share, streams begin with the function's name."""

    def log_stream(self: object) -> str:
        date, _, rest = original(self).rpartition("/")
        function = self.function_version
        name = function.id.function_name if function.config.logging_config.get("LogGroup") else ""
        return f"{date}/{name}{rest}"

    return log_stream


class ProcessExecutor(runtime_executor.RuntimeExecutor):
    """Asks the process by lines of JSON on its stdin, and is answered by lines on a pipe of its own."""

    gateway: str
    folder: Path
    process: subprocess.Popen | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        self.env_vars = env_vars
        self.logs: list[str] = []
        self.answers: Queue[dict | None] = Queue()
        code = self.function_version.config.code
        code.prepare_for_execution()
        root = str(code.get_unzipped_code_location())
        temporary = self.folder / self.id
        temporary.mkdir(parents=True, exist_ok=True)
        env = {name: str(value) for name, value in env_vars.items()} | {
            "PATH": os.environ["PATH"],
            "TZ": "UTC",
            "HOME": str(temporary),
            "TMPDIR": str(temporary),
            "LAMBDA_TASK_ROOT": root,
            "AWS_ENDPOINT_URL": self.gateway,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(
            [os.environ["TUTTI_NODE"], str(HOST), str(theirs)],
            cwd=root,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs],
            text=True,
        )
        os.close(theirs)
        threading.Thread(target=self.read_logs, args=[self.process.stdout], daemon=True).start()
        threading.Thread(target=self.read_answers, args=[ours, self.answers], daemon=True).start()
        first = self.answer(START_S)
        if first is None or "error" in first:
            payload = (first or {}).get("error") or error("Runtime.ExitError", "".join(self.logs)[-2000:])
            raise StatusErrorException("the environment did not start", json.dumps(payload).encode())

    def read_logs(self, output: object) -> None:
        for line in output:
            self.logs.append(line)

    @staticmethod
    def read_answers(pipe: int, answers: Queue) -> None:
        with os.fdopen(pipe, encoding="utf-8") as lines:
            for line in lines:
                answers.put(json.loads(line))
        answers.put(None)

    def answer(self, seconds: float) -> dict | None:
        """None: the process has ended, or took too long."""
        try:
            return self.answers.get(timeout=seconds)
        except Empty:
            self.process.kill()
            return {"late": True}

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        if self.process.poll() is not None:
            self.start(self.env_vars)
        timeout = self.function_version.config.timeout
        request = payload["invoke-id"]
        asked = {"id": request, "arn": payload["invoked-function-arn"], "payload": payload["payload"], "timeout": timeout}
        self.logs.clear()
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        answer = self.answer(timeout)
        if answer is None:
            self.process.wait()
            said = f"RequestId: {request} Error: Runtime exited with error: exit status {self.process.returncode}"
            answer = {"failed": True, "payload": json.dumps(error("Runtime.ExitError", said))}
        elif "late" in answer:
            said = f"RequestId: {request} Error: Task timed out after {timeout}.00 seconds"
            answer = {"failed": True, "payload": json.dumps(error("Sandbox.Timedout", said))}
        logs = answer.get("logs") or "".join(self.logs)
        return InvocationResult(request, answer["payload"].encode(), is_error=answer["failed"], logs=logs)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        return "".join(self.logs)

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Code is unzipped when it first runs: most versions never do."""

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The folder goes with everything else."""


def error(kind: str, message: str) -> dict[str, str]:
    return {"errorType": kind, "errorMessage": message}
