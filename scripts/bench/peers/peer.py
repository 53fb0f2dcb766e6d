"""Says who it is, then repeats `work` at every `run` and answers with the seconds; `memory` asks for its megabytes."""
import resource
import sys
import time


def megabytes():
    """The most that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve(description, work, megabytes_at_start=0):
    print(description, flush=True)
    for line in sys.stdin:
        if line.strip() == "memory":
            print(megabytes() - megabytes_at_start, flush=True)
            continue
        start = time.perf_counter()
        work()
        print(time.perf_counter() - start, flush=True)
