"""The HTTP side of `telegram.Bot` by aiohttp: much less work than the library's own by httpx."""

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL


class TelegramRequest(BaseRequest):
    """Requests on connections that are kept open. Times are seconds.

    The assistant sends no files, so whatever is to be sent is a form of plain values.
    """

    def __init__(
        self,
        *,
        connect_timeout: float,
        read_timeout: float,
        write_timeout: float,
        connection_pool_size: int = 100,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        # aiohttp knows no limit for writing alone: it has its share of the whole.
        self._write_timeout = write_timeout
        self._size = connection_pool_size
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """The longest wait for an answer, unless a method says otherwise."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Nothing: a session is opened with the first request."""

    async def shutdown(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return status and body; raise the library's errors, without address: it has the token."""
        reading = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        timeout = aiohttp.ClientTimeout(
            total=reading + self._connect_timeout + self._write_timeout,
            sock_connect=self._connect_timeout,
            sock_read=reading,
        )
        data = request_data.json_parameters if request_data else None
        failure: NetworkError
        try:
            async with self._open_session().request(
                method, URL(url, encoded=True), data=data, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError:
            failure = TimedOut()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = NetworkError(type(error).__name__)
        raise failure

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._size)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                trust_env=True,  # where Telegram is reached by a proxy
            )
        return self._session
