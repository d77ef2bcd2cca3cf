"""Passes messages on to the daemon that job_server.py stands for."""

from coordinate.base_client import cbor_return
from coordinate.connection import read_message, send


class CborRpcHandler:
    def __init__(self, request, client_address, server, proxy_object):
        self.client = proxy_object.client

    def handle_message(self, message):
        send(self.client._conn(), cbor_return(None, message))
        answer = read_message(self.client.rfile)
        return {key.decode() if isinstance(key, bytes) else key: value for key, value in answer.items()}
