"""A chat server on loopback that answers as OpenAI's and Anthropic's APIs do, from a distribution known to the test."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from core.types import Capabilities, Model, Origin

Tokens = Mapping[str, float]
Script = Callable[[str, dict[str, Any]], Tokens]
Fault = Callable[[int, dict[str, Any]], "tuple[int, Any, dict[str, str]] | None"]


def served_model(endpoint: str | None, **changes: Any) -> Model:
    """A hosted model that tells the twenty likeliest words; as one of Anthropic's it tells none."""
    claude = changes.get("provider") == "anthropic"
    told = {"logprobs": "none", "temperature": False, "seed": False} if claude else {"logprobs": "top_k", "top_k": 20}
    fields = {
        "id": "served",
        "name": "Served",
        "provider": "openai_like",
        "endpoint": endpoint,
        "remote_id": "served",
        "origin": Origin(base="none", tuner="none"),
        "developer": "none",
        "family": "none",
        "capabilities": Capabilities.model_validate(told),
        "link": "https://example.org",
    }
    return Model.model_validate(fields | changes)


class ChatServer:
    """``script(prompt, body)`` gives the next-token distribution; ``fault(number, body)`` may answer instead.

    ``pause_s`` is how long a stream waits after each piece. ``seen`` holds every request as (path, headers, body).
    """

    def __init__(
        self,
        script: Script,
        *,
        logprobs: bool = True,
        delay_s: float = 0.0,
        fault: Fault | None = None,
        refuses: tuple[str, ...] = (),
        pause_s: float = 0.002,
    ) -> None:
        self.pause_s = pause_s
        self.script, self.logprobs, self.delay_s, self.fault, self.refuses = script, logprobs, delay_s, fault, refuses
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()
        self.random = np.random.default_rng(0)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.answer(self, body)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self.http = Server(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> ChatServer:
        self.thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.http.shutdown()
        self.http.server_close()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        with self.lock:
            self.seen.append((handler.path, dict(handler.headers), body))
            number = len(self.seen)
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
        try:
            time.sleep(self.delay_s)
            found = self.fault(number, body) if self.fault else None
            for name in self.refuses:
                if found is None and name in body:
                    error = {"message": f"Unsupported parameter: '{name}' is not supported.", "param": name}
                    found = 400, {"error": error}, {}
            if found is not None:
                send(handler, *found)
            elif handler.path.endswith("/messages"):
                self.claude(handler, body)
            else:
                self.openai(handler, body)
        finally:
            with self.lock:
                self.busy -= 1

    def tokens(self, body: dict[str, Any]) -> Tokens:
        prompt = body["prompt"] if "prompt" in body else body["messages"][-1]["content"]
        return self.script(prompt, body)

    def draw(self, tokens: Tokens, body: dict[str, Any]) -> str:
        if not body.get("temperature", 1.0):
            return max(tokens, key=lambda token: tokens[token])
        with self.lock:
            source = np.random.default_rng(body["seed"]) if body.get("seed") is not None else self.random
            shares = np.array(list(tokens.values()))
            return str(source.choice(list(tokens), p=shares / shares.sum()))

    def openai(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        tokens, chat = self.tokens(body), "messages" in body
        chosen = self.draw(tokens, body)
        rest = ", because it is so and that is all"
        most = body.get("max_tokens") or body.get("max_completion_tokens") or 64
        words = re.findall(r"\s*[^\s,]+|,", chosen + rest)[:most]
        finish = "length" if len(words) == most else "stop"
        ranked = sorted(tokens.items(), key=lambda pair: -pair[1])
        told = None
        if body.get("logprobs") and self.logprobs:
            few = ranked[: body.get("top_logprobs", 0) if chat else body["logprobs"]]
            scored = {token: math.log(share) if share else -9999.0 for token, share in few}
            if chat:
                entry = {"token": chosen, "logprob": math.log(tokens[chosen]), "bytes": None}
                top = [{"token": token, "logprob": score, "bytes": None} for token, score in scored.items()]
                told = {"content": [{**entry, "top_logprobs": top}], "refusal": None}
            else:
                told = {"tokens": [chosen], "token_logprobs": [0.0], "top_logprobs": [scored], "text_offset": [0]}
        usage = {"prompt_tokens": 11, "completion_tokens": len(words), "total_tokens": 11 + len(words)}
        head = {"id": "x", "created": 1, "model": body["model"]}
        if body.get("stream"):
            pieces = []
            for place, word in enumerate(words):
                choice = {"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}
                choice["logprobs"] = told if place == 0 else None
                pieces.append({**head, "object": "chat.completion.chunk", "choices": [choice]})
            last = {"index": 0, "delta": {}, "finish_reason": finish}
            pieces.append({**head, "object": "chat.completion.chunk", "choices": [last]})
            pieces.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
            told = [f"data: {json.dumps(piece)}\n\n" for piece in pieces] + ["data: [DONE]\n\n"]
            stream(handler, told, self.pause_s)
            return
        text = "".join(words)
        choice = {"index": 0, "finish_reason": finish, "logprobs": told}
        choice |= {"message": {"role": "assistant", "content": text, "refusal": None}} if chat else {"text": text}
        send(handler, 200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage}, {})

    def claude(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        chosen = self.draw(self.tokens(body), body)
        shape = body.get("output_config", {}).get("format")
        if shape:
            allowed = shape["schema"]["properties"]["answer"]["enum"]
            text = json.dumps({"answer": chosen if chosen in allowed else "decline"})
        else:
            text = f"{chosen}, if you ask me."
        words = re.findall(r"\s*\S+", text)[: body["max_tokens"]]
        text, finish = "".join(words), "max_tokens" if len(words) == body["max_tokens"] else "end_turn"
        usage = {"input_tokens": 11, "output_tokens": len(words)}
        head = {"id": "m", "type": "message", "role": "assistant", "model": body["model"]}
        if body.get("stream"):
            start = {**head, "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
            events: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
            block = {"type": "text", "text": ""}
            events.append({"type": "content_block_start", "index": 0, "content_block": block})
            for word in words:
                delta = {"type": "text_delta", "text": word}
                events.append({"type": "content_block_delta", "index": 0, "delta": delta})
            events.append({"type": "content_block_stop", "index": 0})
            delta = {"stop_reason": finish, "stop_sequence": None}
            events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": len(words)}})
            events.append({"type": "message_stop"})
            told = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
            stream(handler, told, self.pause_s)
            return
        answer = {"content": [{"type": "text", "text": text}], "stop_reason": finish, "stop_sequence": None}
        send(handler, 200, {**head, **answer, "usage": usage}, {})


def send(handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str]) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(raw)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw)


def stream(handler: BaseHTTPRequestHandler, pieces: list[str], pause_s: float) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    try:
        for piece in pieces:
            handler.wfile.write(piece.encode())
            handler.wfile.flush()
            time.sleep(pause_s)
    except OSError:
        return  # the reader has gone, as it may
