"""Types of CloudFormation that LocalStack's community edition lacks; it would skip them, and `Ref` would be "unknown"."""

import json
import threading
import uuid

from localstack import config
from localstack.http import Response
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceProviderExecutor,
    ResourceRequest,
)
from localstack.services.edge import ROUTER
from localstack.services.stepfunctions.resource_providers.aws_stepfunctions_statemachine import (
    StepFunctionsStateMachineProvider,
)

ANSWER_PATH = "/_tutti/custom-resource"


def add() -> None:
    lacking = {"AWS::StepFunctions::StateMachineVersion": MachineVersion}
    load = ResourceProviderExecutor.try_load_resource_provider

    def load_any(kind: str) -> ResourceProvider | None:
        if kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
            return CustomResource()
        return lacking[kind]() if kind in lacking else load(kind)

    ResourceProviderExecutor.try_load_resource_provider = staticmethod(load_any)
    mend_machines()


def mend_machines() -> None:
    """The provider of machines sets no `StateMachineRevisionId`, and leaves the role as it was."""
    create, update = StepFunctionsStateMachineProvider.create, StepFunctionsStateMachineProvider.update

    def with_revision(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
        arn = event.resource_model["Arn"]
        machine = request.aws_client_factory.stepfunctions.describe_state_machine(stateMachineArn=arn)
        event.resource_model["StateMachineRevisionId"] = machine.get("revisionId") or "INITIAL"
        return event

    def created(self: object, request: ResourceRequest) -> ProgressEvent:
        return with_revision(request, create(self, request))

    def updated(self: object, request: ResourceRequest) -> ProgressEvent:
        event = update(self, request)
        model = event.resource_model
        model["Name"] = model["StateMachineName"]
        request.aws_client_factory.stepfunctions.update_state_machine(stateMachineArn=model["Arn"], roleArn=model["RoleArn"])
        return with_revision(request, event)

    StepFunctionsStateMachineProvider.create, StepFunctionsStateMachineProvider.update = created, updated


def done(model: dict) -> ProgressEvent:
    return ProgressEvent(OperationStatus.SUCCESS, resource_model=model)


class MachineVersion(ResourceProvider):
    """A version of a machine is made, and deleted; nothing of it can change."""

    SCHEMA = {
        "typeName": "AWS::StepFunctions::StateMachineVersion",
        "properties": {"Arn": {}, "StateMachineArn": {}, "StateMachineRevisionId": {}, "Description": {}},
        "readOnlyProperties": ["/properties/Arn"],
        "primaryIdentifier": ["/properties/Arn"],
        "createOnlyProperties": [
            "/properties/StateMachineArn",
            "/properties/StateMachineRevisionId",
            "/properties/Description",
        ],
        "handlers": {"create": {}, "delete": {}},
    }

    def create(self, request: ResourceRequest) -> ProgressEvent:
        model = request.desired_state
        client = request.aws_client_factory.stepfunctions
        asked = {"description": model["Description"]} if model.get("Description") else {}
        version = client.publish_state_machine_version(stateMachineArn=model["StateMachineArn"], **asked)
        model["Arn"] = version["stateMachineVersionArn"]
        return done(model)

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        client = request.aws_client_factory.stepfunctions
        client.delete_state_machine_version(stateMachineVersionArn=request.desired_state["Arn"])
        return done(request.desired_state)


class CustomResource(ResourceProvider):
    """
    Sends the function of `ServiceToken` what CloudFormation sends it, by an asynchronous invocation, and waits for what it
    puts to `ResponseURL`.
    """

    SCHEMA = {
        "typeName": "AWS::CloudFormation::CustomResource",
        "properties": {},
        "readOnlyProperties": ["/properties/PhysicalResourceId"],
        "primaryIdentifier": ["/properties/PhysicalResourceId"],
        "createOnlyProperties": ["/properties/ServiceToken"],
        "handlers": {"create": {}, "update": {}, "delete": {}},
    }
    waiting: dict[str, tuple[threading.Event, dict]] = {}

    def create(self, request: ResourceRequest) -> ProgressEvent:
        return self.ask("Create", request, request.desired_state, {})

    def update(self, request: ResourceRequest) -> ProgressEvent:
        before = request.previous_state or {}
        known = {"PhysicalResourceId": before.get("PhysicalResourceId"), "OldResourceProperties": texts(given(before))}
        return self.ask("Update", request, given(request.desired_state), known)

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        before = request.desired_state
        return self.ask("Delete", request, given(before), {"PhysicalResourceId": before.get("PhysicalResourceId")})

    def ask(self, kind: str, request: ResourceRequest, properties: dict, known: dict) -> ProgressEvent:
        token, answered, answer = uuid.uuid4().hex, threading.Event(), {}
        self.listen()
        self.waiting[token] = (answered, answer)
        event = {
            "RequestType": kind,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}{ANSWER_PATH}/{token}",
            "StackId": f"arn:aws:cloudformation:{request.region_name}:{request.account_id}:stack/{request.stack_name}/0",
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": request.logical_resource_id,
            "ResourceType": request.resource_type,
            "ResourceProperties": texts(properties),
            **{name: value for name, value in known.items() if value is not None},
        }
        client = request.aws_client_factory.lambda_
        client.invoke(FunctionName=properties["ServiceToken"], InvocationType="Event", Payload=json.dumps(event))
        seconds = float(properties.get("ServiceTimeout", 3600))
        if not answered.wait(seconds):
            return ProgressEvent(OperationStatus.FAILED, resource_model={}, message=f"no answer within {seconds:.0f} s")
        if answer.get("Status") != "SUCCESS":
            reason = answer.get("Reason", "the answer has no Reason")
            message = f"Received response status [FAILED] from custom resource. Message returned: {reason}"
            return ProgressEvent(OperationStatus.FAILED, resource_model={}, message=message)
        given_names = {"$given": list(properties)}
        physical = {"PhysicalResourceId": answer["PhysicalResourceId"]}
        return done({**properties, **answer.get("Data", {}), **physical, **given_names})

    def listen(self) -> None:
        if getattr(ROUTER, "_tutti_listens", False):
            return
        ROUTER._tutti_listens = True
        ROUTER.add(f"{ANSWER_PATH}/<token>", endpoint=self.take, methods=["PUT"])

    def take(self, request: object, token: str) -> Response:
        answered, answer = self.waiting.pop(token)
        answer.update(json.loads(request.data))
        answered.set()
        return Response(status=200)


def given(model: dict) -> dict:
    """The properties as the template has them, without what the answer added."""
    return {name: model[name] for name in model.get("$given", list(model)) if name in model}


def texts(value: object) -> object:
    """CloudFormation sends every scalar as text."""
    if isinstance(value, dict):
        return {name: texts(member) for name, member in value.items()}
    if isinstance(value, list):
        return [texts(member) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else str(value)
