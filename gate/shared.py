"""What the processes share in Redis: the line, who waits, admissions left and given, the clerk's rules.

All of it may vanish: gate/waiting_room.py says what happens then. Every call ends within QUICK seconds.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gate.clock import SECOND
from gate.line import LAG, Counts, Line
from gate.rules import Rules
from gate.tokens import burst

QUICK = 0.25  # seconds until an answer of Redis is given up
Away = redis.RedisError

# KEYS are line, counts, claimed, tokens, held, processes, rules, refused (NAMES). Times are µs.
TAKE_ONE = """
local function take(key, rate, most, now, reserve)
  local kept = redis.call('HMGET', key, 'n', 'at')
  local n, at = tonumber(kept[1]), tonumber(kept[2])
  if not n then n, at = most, now end
  n = math.min(most, n + math.max(0, now - at) * rate / 1000000)
  local taken = n >= 1 + reserve
  if taken then n = n - 1 end
  redis.call('HSET', key, 'n', tostring(n), 'at', string.format('%.0f', math.max(now, at)))
  return taken, n
end
"""
# now, process, claims, number of counts, bucket, count, …, class, refused, … → line, counts, claimed, tokens, held, …
SYNC = """
local line = redis.call('GET', KEYS[1])
if line then
  local n = tonumber(ARGV[4])
  for i = 5, 4 + 2 * n, 2 do redis.call('HINCRBYFLOAT', KEYS[2], ARGV[i], ARGV[i + 1]) end
  if tonumber(ARGV[3]) > 0 then redis.call('INCRBYFLOAT', KEYS[3], ARGV[3]) end
  for i = 5 + 2 * n, #ARGV, 2 do
    redis.call('HINCRBY', KEYS[8], ARGV[i], ARGV[i + 1])
    redis.call('EXPIRE', KEYS[8], 7200)
  end
  if ARGV[2] ~= '' then redis.call('ZADD', KEYS[6], ARGV[1], ARGV[2]) end
  redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', string.format('%.0f', tonumber(ARGV[1]) - 6000000)) -- silent for 6 s
end
return {line, redis.call('HGETALL', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('HMGET', KEYS[4], 'n', 'at'),
  redis.call('EXISTS', KEYS[5]), redis.call('ZCARD', KEYS[6]), redis.call('GET', KEYS[7]),
  redis.call('HGETALL', KEYS[8])}
"""
# line, claimed, now, 1 where it is known rather than new, held, bucket, count, … → 1 where it was put
OPEN = """
local there = redis.call('GET', KEYS[1])
if there then
  local line = cjson.decode(there)
  local young = line.opened > 0 and tonumber(ARGV[3]) - line.opened < 10000000
  if ARGV[4] == '0' or not young then return 0 end
end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[3], ARGV[2])
if ARGV[5] == '1' then redis.call('SET', KEYS[5], ARGV[3]) end
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
"""
# the line as read, as it is now, 1 where people wait, since when nobody was held, now, bucket, passed, … → 0 where
# another was first, else 1, or 2 where the line is closed up
MOVE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
for i = 6, #ARGV, 2 do
  local left = redis.call('HINCRBYFLOAT', KEYS[2], ARGV[i], '-' .. ARGV[i + 1])
  if tonumber(left) < 0.001 then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
local held = redis.call('GET', KEYS[5])
if ARGV[3] == '1' then
  redis.call('SET', KEYS[5], ARGV[5])
elseif held and tonumber(held) < tonumber(ARGV[4]) then
  redis.call('DEL', KEYS[5])
end
return 1 + redis.call('EXISTS', KEYS[5])
"""
# rate, most, now → 1 where the newcomer may pass, 0 where the line is closed up from now on
PASS = (
    TAKE_ONE
    + """
if redis.call('EXISTS', KEYS[5]) == 1 then return 0 end
if take(KEYS[4], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), 0) then return 1 end
redis.call('SET', KEYS[5], ARGV[3])
return 0
"""
)
# KEYS[9] the record of a ticket. rate, most, now, end of the admission, seconds to keep the record, how many to
# leave to others → its end, 0 if none
EXCHANGE = (
    TAKE_ONE
    + """
local given = redis.call('GET', KEYS[9])
if given then return given end
local taken = take(KEYS[4], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6]))
if not taken then return '0' end
redis.call('SET', KEYS[9], ARGV[4], 'EX', ARGV[5])
redis.call('INCRBYFLOAT', KEYS[3], 1)
return ARGV[4]
"""
)
# KEYS[1] what a caller has left. rate, most, now → 0 where one was taken, else µs until there is one
SPEND = (
    TAKE_ONE
    + """
local rate, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local taken, left = take(KEYS[1], rate, most, tonumber(ARGV[3]), 0)
redis.call('EXPIRE', KEYS[1], math.ceil(most / rate) + 60)
return taken and 0 or math.ceil((1 - left) / rate * 1000000)
"""
)
NAMES = ("line", "counts", "claimed", "tokens", "held", "processes", "rules", "refused")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at Redis showed. `raw_line` is None where it has none."""

    raw_line: bytes | None
    counts: Counts
    claimed: float
    spare: float  # tokens
    held: bool
    processes: int
    rules: Rules | None
    refused: Mapping[str, int]  # this hour, by class

    @property
    def line(self) -> Line | None:
        return Line.from_json(json.loads(self.raw_line)) if self.raw_line else None


class Shared:
    """The state of one gate under `prefix`. Every method raises Away."""

    def __init__(self, url: str, prefix: str = "gate") -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=QUICK, socket_connect_timeout=QUICK, retry=Retry(NoBackoff(), 0)
        )
        self._prefix = f"{{{prefix}}}:"  # one slot of a cluster
        self._keys = [self._prefix + name for name in NAMES]
        register = self._client.register_script
        self._sync, self._open, self._move = register(SYNC), register(OPEN), register(MOVE)
        self._pass, self._exchange, self._spend = register(PASS), register(EXCHANGE), register(SPEND)

    def sync(
        self, process: str, now: int, *, rate: float, counts: Counts, claims: float, refused: Mapping[str, int]
    ) -> Seen:
        """Add what this process counted, and read what all have. Where there is no line, nothing is added. `process`:
        its name among those that share the rate, "" where it is none of them."""
        arguments = [now, process, claims, len(counts), *_flat(counts), *_flat(refused)]
        keys = [*self._keys[:7], f"{self._keys[7]}:{now // (3600 * SECOND)}"]
        line, waiting, claimed, tokens, held, processes, rules, refusals = cast(
            list[Any], self._sync(keys=keys, args=arguments)
        )
        left, at = (float(value) if value else None for value in tokens)
        most = burst(rate)
        return Seen(
            line,
            {int(bucket): float(count) for bucket, count in _pairs(waiting)},
            float(claimed or 0),
            most if left is None or at is None else min(most, left + max(0, now - at) * rate / 1e6),
            bool(held),
            max(1, processes),
            Rules.from_json(json.loads(rules)) if rules else None,
            {name.decode(): int(count) for name, count in _pairs(refusals)},
        )

    def open(self, line: Line, now: int, *, known: bool, counts: Counts, claimed: float, held: bool) -> bool:
        """Put a line where there is none, or a known one in the place of one that was begun without knowledge."""
        arguments = [json.dumps(line.as_json()), claimed, now, int(known), int(held), *_flat(counts)]
        return bool(self._open(keys=self._keys, args=arguments))

    def move(self, seen: Seen, line: Line, passed: Counts, now: int, *, waiting: bool) -> bool | None:
        """Put the advanced line in the place of the one seen: whether newcomers are held now, None where another
        process was first."""
        arguments: list[Any] = [seen.raw_line or b"", json.dumps(line.as_json()), int(waiting), now - LAG - SECOND, now]
        moved = cast(int, self._move(keys=self._keys, args=[*arguments, *_flat(passed)]))
        return moved == 2 if moved else None

    def let_pass(self, rate: float, now: int) -> bool:
        return bool(self._pass(keys=self._keys, args=[rate, burst(rate), now]))

    def hold(self, now: int) -> None:
        """Let nobody pass until the line has been looked at."""
        self._client.set(self._keys[4], now)

    def exchange(self, nonce: bytes, now: int, *, rate: float, ends: int, keep: int, reserve: float) -> int:
        """The end of the admission of a ticket: the one given before, or `ends`; 0 where no admission is left now."""
        keys = [*self._keys, f"{self._prefix}given:{nonce.hex()}"]
        return int(cast(bytes, self._exchange(keys=keys, args=[rate, burst(rate), now, ends, keep, reserve])))

    def use(self, nonce: bytes, seconds: int, most: int) -> bool:
        """Whether one more begin goes with this admission, of `most`."""
        key = f"{self._prefix}used:{nonce.hex()}"
        with self._client.pipeline(transaction=False) as both:
            both.incr(key)
            both.expire(key, max(1, seconds))
            return int(both.execute()[0]) <= most

    def spend(self, caller: str, rate: float, now: int) -> int:
        """Count one request of a caller; µs until one more fits where it does not."""
        key = f"{self._prefix}spent:{caller}"
        return int(cast(int, self._spend(keys=[key], args=[rate, burst(rate), now])))

    def publish(self, rules: Rules) -> None:
        self._client.set(self._keys[6], json.dumps(rules.as_json()))


def _flat(pairs: Mapping[Any, Any]) -> list[Any]:
    return [_plain(each) for pair in pairs.items() for each in pair]


def _plain(value: Any) -> Any:
    """Numbers as Redis reads them: never in scientific notation."""
    if isinstance(value, float):
        return f"{value:.6f}" if math.isfinite(value) else "0"
    return value


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
