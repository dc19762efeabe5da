"""
CloudFormation as a deployment relies on it. LocalStack 4.13.1
1. deletes what `DeletionPolicy` or `UpdateReplacePolicy` say is to be kept,
2. takes a resource whose create-only property follows from another resource for one that changes in place,
3. deletes what a template no longer has even where the update failed, does not undo what it changed before, and takes the
   failed template for the stack's: here a failed update is rolled back, and a failed creation removed.
"""

from localstack.aws.api.cloudformation import ChangeAction, StackStatus
from localstack.services.cloudformation.engine.v2.change_set_model import is_nothing
from localstack.services.cloudformation.engine.v2.change_set_model_executor import (
    ChangeSetModelExecutor,
    ChangeSetModelExecutorResult,
    TriggerRollback,
)
from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProviderExecutor,
)

change_resource = ChangeSetModelExecutor._execute_resource_change
act = ChangeSetModelExecutor._execute_resource_action
execute = ChangeSetModelExecutor.execute


def mend() -> None:
    ChangeSetModelExecutor._execute_resource_change = remember
    ChangeSetModelExecutor._execute_resource_action = act_unless_kept
    ChangeSetModelExecutor.execute = execute_or_roll_back


def remember(self: ChangeSetModelExecutor, name: str, before: object, after: object) -> None:
    if not is_nothing(before) and not is_nothing(after) and before.resource_type == after.resource_type:
        after.requires_replacement = after.requires_replacement or is_replaced(before, after)
    self.__dict__.setdefault("_tutti_changed", []).append((name, before, after))
    change_resource(self, name, before, after)


def is_replaced(before: object, after: object) -> bool:
    """By the values, which are known by now."""
    provider = ResourceProviderExecutor.try_load_resource_provider(before.resource_type)
    fixed = provider.SCHEMA.get("createOnlyProperties", []) if provider is not None else []
    names = [path.removeprefix("/properties/") for path in fixed]
    old, new = before.properties.properties, after.properties.properties
    return any(old.get(name) != new.get(name) for name in names)


def act_unless_kept(
    self: ChangeSetModelExecutor, action: ChangeAction, logical_resource_id: str, *args: object, **named: object
) -> ProgressEvent:
    if action == ChangeAction.Remove and not self.__dict__.get("_tutti_undoes"):
        policy = "UpdateReplacePolicy" if named.get("part_of_replacement") else "DeletionPolicy"
        template = self._change_set.stack.template or {}
        if template.get("Resources", {}).get(logical_resource_id, {}).get(policy) == "Retain":
            return ProgressEvent(OperationStatus.SUCCESS, resource_model={})
    return act(self, action, logical_resource_id, *args, **named)


def execute_or_roll_back(self: ChangeSetModelExecutor) -> ChangeSetModelExecutorResult:
    change_set, stack = self._change_set, self._change_set.stack
    if stack.status == StackStatus.DELETE_IN_PROGRESS:
        return execute(self)
    is_update = stack.status == StackStatus.UPDATE_IN_PROGRESS
    try:
        self.process()
    except TriggerRollback as thrown:
        reason = thrown.reason or "a resource failed"
    except Exception as thrown:
        reason = str(thrown)
    else:
        if self._deferred_actions:
            stack.set_stack_status(StackStatus.UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)
        for deferred in reversed(self._deferred_actions):
            deferred.action()
        return ChangeSetModelExecutorResult(resources=self.resources, outputs=self.outputs)
    started, ended = (
        (StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, StackStatus.UPDATE_ROLLBACK_COMPLETE)
        if is_update
        else (StackStatus.ROLLBACK_IN_PROGRESS, StackStatus.ROLLBACK_COMPLETE)
    )
    stack.set_stack_status(started, reason)
    undo(self)
    stack.set_stack_status(ended)
    kept = stack.resolved_resources
    if is_update:
        # The provider takes all of these for the stack's own once this returns.
        change_set.template, change_set.processed_template = stack.template, stack.processed_template
        change_set.template_body, change_set.resolved_parameters = stack.template_body, stack.resolved_parameters
    return ChangeSetModelExecutorResult(resources=kept, outputs=stack.resolved_outputs, failure_message=reason)


def undo(self: ChangeSetModelExecutor) -> None:
    """The last change first. What cannot be undone stays as it is, as on AWS."""
    self._tutti_undoes = True
    for name, before, after in reversed(self.__dict__.get("_tutti_changed", [])):
        made = self.resources.get(name, {})
        properties = type(after.properties)(made.get("Properties") or {}) if not is_nothing(after) else None
        if is_nothing(after):
            continue
        is_new = is_nothing(before) or after.requires_replacement
        if is_new and made.get("PhysicalResourceId") is not None:
            act(self, ChangeAction.Remove, name, after.resource_type, properties, None)
        elif not is_new:
            old = self._merge_before_properties(name, before)
            act(self, ChangeAction.Modify, name, before.resource_type, old, before.properties)
