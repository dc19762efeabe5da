"""Starts LocalStack's Step Functions in this process, without Docker and without downloads.

    python launch.py JSONATA_JARS LAMBDA_ENDPOINT DYNAMODB_ENDPOINT

Everything that judges a state machine stays LocalStack's own: parsing, Task, Retry, Catch, Parallel, Map, Choice,
variables, history. Replaced are the ways in and out (where Java and jars are, who answers for other services) and the
defects that `mends.py` names, so that the rest can be compared at all.
Only for the version in `requirements.txt`: what is patched here is private there.
"""

import sys
from functools import partial
from types import SimpleNamespace

import mends
from localstack.aws.connect import connect_to
from localstack.runtime.main import main
from localstack.services.stepfunctions.asl.utils import boto_client

JSONATA_JARS, LAMBDA_ENDPOINT, DYNAMODB_ENDPOINT = sys.argv[1:]


def connect_services() -> None:
    """
    `lambda:invoke` asks the driver, not LocalStack's Docker executor; `dynamodb` asks DynamoDB Local itself. A client is
    made once: LocalStack assumes the machine's role for each state anew, which takes longer than the state and checks nothing.
    """
    endpoints = {"lambda": LAMBDA_ENDPOINT, "dynamodb": DYNAMODB_ENDPOINT}

    def client_of(region_name: str, config: object, service: str) -> object:
        factory = connect_to(
            region_name=region_name,
            endpoint_url=endpoints.get(service),
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
    connect_services()
    mends.parse_once()
    mends.mend_choice()
    mends.mend_jsonata()
    main()
