"""Says who it is, then repeats `work` at every line it is sent and answers with the seconds."""
import sys
import time


def serve(description, work):
    print(description, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)
