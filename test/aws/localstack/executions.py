"""
StopExecution as AWS has it. LocalStack 4.13.1 lets the state that runs go on to its end first, takes an error of that state for the
end of the execution, and does not tell with what error and cause it was stopped.
"""

import datetime
import time

from localstack.aws.api.stepfunctions import ExecutionAbortedEventDetails, ExecutionStatus, HistoryEventType
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.eval.event.event_manager import EventManager
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication, Execution


def mend() -> None:
    terminated, add_event, set_error = BaseExecutionWorkerCommunication.terminated, EventManager.add_event, Environment.set_error

    def stop(self: Execution, stop_date: datetime.datetime, error: str | None, cause: str | None) -> None:
        worker = self.exec_worker
        if worker is None or self.exec_status != ExecutionStatus.RUNNING:
            return
        while worker.env is None:
            # Its thread has only just been started.
            time.sleep(0.01)
        env = worker.env
        self.exec_status, self.stop_date, self.error, self.cause = ExecutionStatus.ABORTED, stop_date, error, cause
        env.event_history_context.source_event_id = 0
        details = ExecutionAbortedEventDetails(error=error, cause=cause)
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.ExecutionAborted,
            event_details=EventDetails(executionAbortedEventDetails=details),
        )
        env.event_manager._tutti_closed = True
        worker.stop(stop_date=stop_date, error=error, cause=cause)
        self.publish_execution_status_change_event()

    def tell_end(self: BaseExecutionWorkerCommunication) -> None:
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            terminated(self)

    def add_unless_closed(self: EventManager, *args: object, **named: object) -> object:
        return 0 if self.__dict__.get("_tutti_closed") else add_event(self, *args, **named)

    def fail_unless_stopped(self: Environment, error: object) -> None:
        if not isinstance(self._program_state, ProgramStopped):
            set_error(self, error)

    Execution.stop = stop
    BaseExecutionWorkerCommunication.terminated = tell_end
    EventManager.add_event = add_unless_closed
    Environment.set_error = fail_unless_stopped
