"""python3 words.py FOLDER: counts the words of the files in it, four at a time."""
import pathlib
import sys

from work_queue import WorkQueue

queue = WorkQueue("http://127.0.0.1:5980", "demo", "words")


def count(name, data):
    return {"words": len(pathlib.Path(name).read_bytes().split())}


if __name__ == "__main__":
    queue.add({str(path): {} for path in pathlib.Path(sys.argv[1]).resolve().rglob("*") if path.is_file()})
    print(queue.work(count, processes=4))
    for name, data in queue.failed():
        print(name, "failed:", data["traceback"])
    print(sum(data["words"] for name, data in queue.finished()), "words")
