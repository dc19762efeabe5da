"""Starts LocalStack with all services that a deployment uses, in this process, without Docker and without downloads.

    python launch.py JSONATA_JARS DYNAMODB_PORT GATEWAY URL_PORTS FOLDER

`GATEWAY` is where functions and machines ask AWS, `URL_PORTS` (`41001,41002`) are ports that function URLs are given, `FOLDER`
is for what functions write. What stands beside this file replaces what needs Docker (`functions.py`) and mends what a deployment
needs of CloudFormation (`formation.py`, `types_lacking.py`); `../deviations.ts` names each.
Only for the version in `../../emulator/localstack/requirements.txt`: what is patched here is private there.
"""

import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

sys.path.append(str(Path(__file__).resolve().parents[2] / "emulator" / "localstack"))

import mends  # noqa: I001 - before anything of LocalStack
import executions
import formation
import functions
import types_lacking
import urls
from localstack.aws.connect import connect_to
from localstack.runtime.main import main
from localstack.services.dynamodb.server import DynamodbServer
from localstack.services.stepfunctions.asl.utils import boto_client
from localstack.services.stepfunctions.backend.alias import Alias

JSONATA_JARS, DYNAMODB_PORT, GATEWAY, URL_PORTS, FOLDER = sys.argv[1:]


def use_running_dynamodb() -> None:
    """DynamoDB Local runs beside this process: functions and machines ask it without a detour."""
    server = DynamodbServer(int(DYNAMODB_PORT), "127.0.0.1")
    DynamodbServer.get = staticmethod(lambda: server)
    DynamodbServer.start_dynamodb = lambda self: True
    DynamodbServer.stop_dynamodb = lambda self: None


def connect_machines() -> None:
    """
    Tables are asked by way of the gateway, which counts. A client is made once: LocalStack assumes the machine's role for
    each state anew, which takes longer than the state and checks nothing.
    """

    def client_of(region_name: str, config: object, service: str) -> object:
        factory = connect_to(
            region_name=region_name,
            endpoint_url=GATEWAY if service == "dynamodb" else None,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        return factory.get_client(service)

    def with_assumed_role(region_name: str, config: object, **_role: object) -> SimpleNamespace:
        return SimpleNamespace(get_client=partial(client_of, region_name, config))

    boto_client.connect_to = SimpleNamespace(with_assumed_role=with_assumed_role)


if __name__ == "__main__":
    mends.use_installed_parts(JSONATA_JARS)
    use_running_dynamodb()
    connect_machines()
    mends.parse_once()
    mends.mend_choice()
    mends.mend_jsonata()
    # StartExecution copies the machine deeply; an alias in it holds a lock.
    Alias.__deepcopy__ = lambda self, memo: self
    functions.run_as_processes(GATEWAY, Path(FOLDER))
    urls.give_ports([int(port) for port in URL_PORTS.split(",")])
    executions.mend()
    formation.mend()
    types_lacking.add()
    main()
