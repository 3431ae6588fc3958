"""Threads and sockets: who wakes when, and that nothing but sleep makes time pass."""

import queue
import random
import socket
import struct
import threading
import time
from pathlib import Path

from common import later, run, timed


def python_timeouts():
    """False after 1.5
    False after 1.5
    Empty after 1.5
    False after 1.5
    True after 0.5
    x after 0.5"""
    condition, event, numbers, lock = threading.Condition(), threading.Event(), queue.Queue(), threading.Lock()
    with condition:
        print(timed(condition.wait, 1.5))
    print(timed(event.wait, 1.5))
    print(timed(numbers.get, True, 1.5))
    lock.acquire()
    print(timed(lock.acquire, True, 1.5))
    later(0.5, event.set)
    print(timed(event.wait, 1.5))
    later(0.5, numbers.put, "x")
    print(timed(numbers.get, True, 1.5))


def fifty_threads_wake_in_order_at_their_instants():
    """50 in order, 0 late"""
    spans = [n * 7_654_321 + 1 for n in range(50)]
    woken, lock, start = [], threading.Lock(), time.monotonic_ns()

    def sleep(span):
        time.sleep((start + span - time.monotonic_ns()) / 1e9)
        with lock:
            woken.append((span, time.monotonic_ns() - start))

    threads = [threading.Thread(target=sleep, args=(span,)) for span in random.Random(0).sample(spans, len(spans))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    in_order = [span for span, _ in woken] == spans
    print(len(woken), "in order," if in_order else "out of order,", sum(abs(a - b) > 1 for a, b in woken), "late")


def who_computes_is_waited_for():
    """0.300 real seconds took 0 virtual ones"""
    start = time.monotonic()
    done = []

    def compute():
        until = time.thread_time() + 0.3
        while time.thread_time() < until:
            pass
        done.append(time.monotonic() - start)

    other = threading.Thread(target=compute)
    other.start()
    later(0.001, lambda: None)
    other.join()
    print(f"0.300 real seconds took {done[0]:g} virtual ones")


def small_packets_are_not_held_back():
    """100 answers after 0"""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        while len(connection.recv(2, socket.MSG_WAITALL)) == 2:
            connection.send(b"a")
            connection.send(b"b")

    def tick():
        while True:
            time.sleep(0.01)

    threading.Thread(target=serve, daemon=True).start()
    threading.Thread(target=tick, daemon=True).start()
    client = socket.create_connection(server.getsockname())

    def ask():
        for _ in range(100):
            client.send(b"a")
            client.send(b"b")
            client.recv(2, socket.MSG_WAITALL)
        return "100 answers"

    print(timed(ask))


def the_kernels_own_timeout_of_a_socket_ends():
    """BlockingIOError"""
    # SO_RCVTIMEO is of real time: nothing of the clock's, so nothing is said of how much virtual time passes meanwhile.
    left, _right = socket.socketpair()
    left.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50_000))
    print(timed(left.recv, 1).split()[0])


def python_sockets():
    """TimeoutError after 1.5
    b'x' after 0.5"""
    left, right = socket.socketpair()
    left.settimeout(1.5)
    print(timed(left.recv, 1))
    later(0.5, right.send, b"x")
    print(timed(left.recv, 1))


def twenty_threads():
    """(compared between two desktops)"""
    lock, lines = threading.Lock(), []

    def work(number):
        dice = random.Random(number)
        for turn in range(10):
            time.sleep(dice.random() / 10)
            with lock:
                lines.append(f"{number} {turn} {time.time_ns()} {time.monotonic_ns()}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(lines))


def sleeps_before_it_answers():
    """(Who connects is told how long two sleeps of so many virtual seconds took.)"""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(__file__).with_name("answers")))
        listener.listen()
        while True:
            connection, _ = listener.accept()
            with connection:
                seconds, before = float(connection.recv(64)), time.monotonic()
                time.sleep(seconds)
                time.sleep(seconds)
                connection.sendall(f"{time.monotonic() - before:.6f}".encode())


def never_sleeps():
    """(is ended by the test)"""
    print("up", flush=True)
    while True:
        pass


if __name__ == "__main__":
    run(globals())
