"""
Function URLs as ports of this machine, and what stands before them on AWS: who is not signed is refused where the URL is
deployed with `AWS_IAM`. The gateway that listens on the ports has checked the signature, and says whose it is.
"""

from localstack.services.lambda_ import api_utils, provider, urlrouter
from localstack.services.lambda_.invocation.models import lambda_stores

CALLER = "x-tutti-caller"


def give_ports(ports: list[int]) -> None:
    left = list(ports)
    api_utils.generate_random_url_id = lambda: f"port{left.pop(0)}"
    describe = api_utils.map_function_url_config

    def described(config: object) -> dict:
        config.url = f"http://127.0.0.1:{config.url_id.removeprefix('port')}/"
        return describe(config)

    api_utils.map_function_url_config = described
    answer, event_of = urlrouter.FunctionUrlRouter.handle_lambda_url_invocation, urlrouter.event_for_lambda_url

    def guarded(self: object, request: object, api_id: str, region: str, **parts: str) -> object:
        if CALLER not in request.headers and auth_type(api_id) == "AWS_IAM":
            return urlrouter.Response('{"Message":"Forbidden"}', 403, {"x-amzn-ErrorType": "AccessDeniedException"})
        return answer(self, request, api_id, region, **parts)

    def event(api_id: str, request: object) -> dict:
        made = event_of(api_id, request)
        if caller := made["headers"].pop(CALLER, None):
            account = "000000000000"
            arn = f"arn:aws:iam::{account}:user/{caller}"
            made["requestContext"]["authorizer"] = {
                "iam": {"accessKey": caller, "accountId": account, "callerId": caller, "userArn": arn, "userId": caller}
            }
        return made

    urlrouter.FunctionUrlRouter.handle_lambda_url_invocation = guarded
    urlrouter.event_for_lambda_url = event


def auth_type(url_id: str) -> str | None:
    for regions in lambda_stores.values():
        for store in regions.values():
            for function in store.functions.values():
                for config in function.function_url_configs.values():
                    if config.url_id == url_id:
                        return config.auth_type
    return None
