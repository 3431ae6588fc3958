"""A service on this machine that speaks each wire format, and checks all that passes by the SDKs' own types."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic.types.beta as claude
import cv2
import numpy as np
import pytest
from anthropic.types.beta import message_create_params
from deskgym.agents.dialects import View, dialect
from deskgym.agents.teachers.setup import Setup
from google.genai import types as genai
from openai.types import chat, responses
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from pydantic import BaseModel, TypeAdapter

KEY = "sk-secret-0123456789-secret"
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "DESKGYM_TEACHER_KEY")
TEACHERS = {
    "messages": "claude-opus-5",
    "messages_20250124": "claude-haiku-4-5",
    "responses": "gpt-5.5",
    "responses_preview": "computer-use-preview",
    "contents": "gemini-3.8-flash",
    "chat": "qwen3-vl-8b",
    "chat_tars": "ui-tars-1.5-7b",
}
"""One teacher or two over each wire, who can say all that the oracles do."""
BROWSER = {"contents_browser": "gemini-3-flash-preview"}
"""One who takes the screen for a browser's."""


@dataclass(frozen=True)
class Trouble:
    """What a service answers instead of a reply."""

    status: int = 500
    body: str = '{"error": {"message": "sorry", "type": "server_error"}}'
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0
    """Seconds before anything is said."""
    cut: bool = False
    """Promise more than is sent."""


def thorough(value: Any) -> Any:
    """The same in plain lists: pydantic checks what stands in an Iterable only when it is looked at."""
    if isinstance(value, dict):
        return {name: thorough(each) for name, each in value.items()}
    if isinstance(value, str | bytes | int | float | None):
        return value
    return [thorough(each) for each in value]


def surplus(model: BaseModel) -> list[str]:
    """Fields of a model, or of one within it, that its type does not know."""
    extra = list(model.model_extra or {})
    for value in model.__dict__.values():
        for each in value if isinstance(value, list) else [value]:
            extra += surplus(each) if isinstance(each, BaseModel) else []
    return extra


# What each wire sends and gets: how a request is checked, its images, and how a reply is dressed.

MESSAGES = TypeAdapter(message_create_params.MessageCreateParamsNonStreaming)
RESPONSES = TypeAdapter(response_create_params.ResponseCreateParamsNonStreaming)
CHAT = TypeAdapter(completion_create_params.CompletionCreateParamsNonStreaming)
GO_ON = {"add_generation_prompt", "continue_final_message"}


def check_messages(body: dict[str, Any]) -> None:
    assert thorough(MESSAGES.validate_python(body)) == body


def check_responses(body: dict[str, Any]) -> None:
    assert thorough(RESPONSES.validate_python(body)) == body


def check_chat(body: dict[str, Any]) -> None:
    known = {name: value for name, value in body.items() if name not in GO_ON}
    assert thorough(CHAT.validate_python(known)) == known


def check_contents(body: dict[str, Any]) -> None:
    for content in [*body["contents"], body["systemInstruction"]]:
        genai.Content.model_validate_json(json.dumps(content))
    for tool in body["tools"]:
        genai.Tool.model_validate(tool)
    genai.GenerationConfig.model_validate(body["generationConfig"])
    assert set(body) == {"contents", "systemInstruction", "tools", "generationConfig"}


def dress_message(reply: Any, model: str) -> dict[str, Any]:
    usage = {"input_tokens": 1000, "cache_read_input_tokens": 200, "output_tokens": 50}
    stop = "tool_use" if any(block["type"] == "tool_use" for block in reply["content"]) else "end_turn"
    message = {"id": "msg_1", "type": "message", "model": model, "stop_reason": stop, "stop_sequence": None,
               "usage": usage, **reply}  # fmt: skip
    assert surplus(claude.BetaMessage.model_validate(message)) == []
    return message


def dress_response(reply: Any, model: str) -> dict[str, Any]:
    usage = {"input_tokens": 1200, "input_tokens_details": {"cached_tokens": 200, "cache_write_tokens": 0},
             "output_tokens": 50, "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 1250}  # fmt: skip
    reply = reply if isinstance(reply, dict) else {"output": reply}
    response = {"id": "resp_1", "object": "response", "created_at": 0, "model": model, "status": "completed",
                "error": None, "incomplete_details": None, "instructions": None, "metadata": {}, "tools": [],
                "tool_choice": "auto", "parallel_tool_calls": False, "usage": usage, **reply}  # fmt: skip
    assert surplus(responses.Response.model_validate(response)) == []
    return response


def dress_completion(reply: Any, model: str) -> dict[str, Any]:
    usage = {"prompt_tokens": 1200, "prompt_tokens_details": {"cached_tokens": 200}, "completion_tokens": 50,
             "total_tokens": 1250}  # fmt: skip
    choice = {"index": 0, "finish_reason": "stop", "logprobs": None}
    reply = dict(reply) if isinstance(reply, dict) else {"message": {"role": "assistant", "content": reply}}
    usage = reply.pop("usage", usage)
    choice |= reply
    completion = {"id": "c_1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice],
                  "usage": usage}  # fmt: skip
    assert set(surplus(chat.ChatCompletion.model_validate(completion))) <= {"reasoning_content"}
    return completion


def dress_content(reply: Any, model: str) -> dict[str, Any]:
    usage = {"promptTokenCount": 1200, "cachedContentTokenCount": 200, "candidatesTokenCount": 30,
             "thoughtsTokenCount": 20, "totalTokenCount": 1250}  # fmt: skip
    reply = reply if "parts" not in reply else {"candidates": [{"content": reply, "finishReason": "STOP"}]}
    response = genai.GenerateContentResponse.model_validate({"usageMetadata": usage, "modelVersion": model, **reply})
    return response.model_dump(mode="json", by_alias=True, exclude_none=True)


@dataclass(frozen=True)
class WireFormat:
    path: str
    check: Callable[[dict[str, Any]], None]
    dress: Callable[[Any, str], dict[str, Any]]


FORMATS = {
    "messages": WireFormat("/v1/messages", check_messages, dress_message),
    "responses": WireFormat("/v1/responses", check_responses, dress_response),
    "chat": WireFormat("/v1/chat/completions", check_chat, dress_completion),
    "contents": WireFormat(":generateContent", check_contents, dress_content),
}


class FakeService:
    """One model's service on a free port; `play` tells what it answers, question by question."""

    def __init__(self, name: str):
        self.wire = FORMATS[name.partition("_")[0]]
        self.model = {**TEACHERS, **BROWSER}[name]
        self.asked: list[dict[str, Any]] = []
        """The bodies of all questions."""
        self.headers: list[dict[str, str]] = []
        self.faults: list[BaseException] = []
        """What was wrong with a question or an answer: looked at when the test ends."""
        self._replies: Iterator[Any] = iter(())
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                service.answer(self)

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def address(self) -> str:
        root = f"http://127.0.0.1:{self._server.server_address[1]}"
        return f"{root}/v1" if self.wire.path in ("/v1/responses", "/v1/chat/completions") else root

    def teacher(self, **options: Any) -> str:
        """The teacher's one line, without "teacher:"."""
        options = {"tries": 2, "timeout": 20, **options}
        return f"{self.model}@{self.address}?{'&'.join(f'{name}={value}' for name, value in options.items())}"

    def play(self, *replies: Any) -> None:
        """Answer with these, one after another; each is a reply, a Trouble, or a function of the question's body."""
        self._replies = iter(replies)

    def play_on(self, replies: Iterable[Any]) -> None:
        self._replies = iter(replies)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        self.asked.append(body)
        try:
            assert handler.path.partition("?")[0].endswith(self.wire.path), handler.path
            self.wire.check(body)
            reply = next(self._replies)
            reply = reply(body) if callable(reply) else reply
            answer = reply if isinstance(reply, Trouble) else self.wire.dress(reply, self.model)
        except BaseException as fault:
            self.faults.append(fault)
            answer = Trouble(400, json.dumps({"error": {"message": f"{type(fault).__name__}: {fault}"[:2000]}}))
        _send(handler, answer)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Trouble | dict[str, Any]) -> None:
    trouble = answer if isinstance(answer, Trouble) else Trouble(200, json.dumps(answer))
    time.sleep(trouble.hang)
    data = trouble.body.encode()
    try:
        handler.send_response(trouble.status)
        for name, value in {"Content-Type": "application/json", **trouble.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data) + 1000 * trouble.cut))
        handler.end_headers()
        handler.wfile.write(data)
    except OSError:
        pass  # the other side has waited long enough
    handler.close_connection = trouble.cut or handler.close_connection


def images(body: dict[str, Any]) -> list[np.ndarray]:
    """All images of a question, in order, BGR."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                if name == "data" and isinstance(each, str):
                    found.append(each)
                elif isinstance(each, str) and each.startswith("data:image/png;base64,"):
                    found.append(each.partition(",")[2])
                else:
                    look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    look(body.get("messages") or body.get("input") or body.get("contents"))
    # Gemini's package writes base64 for URLs.
    raw = [base64.b64decode(each.replace("-", "+").replace("_", "/")) for each in found]
    return [cv2.imdecode(np.frombuffer(each, np.uint8), cv2.IMREAD_COLOR) for each in raw]


def scripted(service: FakeService, moves: Callable[[], Iterable[Any]], screen: tuple[int, int]) -> Iterator[Any]:
    """Replies of a model that decides as somebody else does, at the moment it is asked, and says it in its dialect."""
    spoken = dialect(Setup.parse(service.teacher()).dialect)
    for turn, decision in enumerate(moves()):

        def say(body: dict[str, Any], decision: Any = decision, turn: int = turn) -> Any:
            height, width, _ = images(body)[-1].shape
            return spoken.write(decision, View(screen, (width, height)), turn)

        yield say


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> str:
    """A key for servers of one's own, and none for the vendors'."""
    for name in (*KEYS, "DESKGYM_PRICES", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DESKGYM_TEACHER_KEY", KEY)
    return KEY


@pytest.fixture
def open_service() -> Iterator[Callable[[str], FakeService]]:
    """Start a service of a name in `TEACHERS`; at the end, nothing may have been wrong with what passed by."""
    opened: list[FakeService] = []

    def start(name: str) -> FakeService:
        opened.append(FakeService(name))
        return opened[-1]

    yield start
    for service in opened:
        service.close()
    for service in opened:
        if service.faults:
            raise service.faults[0]


@pytest.fixture(params=list(TEACHERS))
def service(request: pytest.FixtureRequest, open_service: Callable[[str], FakeService]) -> FakeService:
    """Each service in turn."""
    return open_service(request.param)


@pytest.fixture
def tools() -> Any:
    """What tests need of this file, which they cannot import."""

    class Tools:
        pass

    made: Any = Tools()
    made.Trouble, made.images, made.scripted, made.key = Trouble, images, scripted, KEY
    made.names = list(TEACHERS)
    return made
