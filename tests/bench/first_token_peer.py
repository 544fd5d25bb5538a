"""The peer of ``first_token.py``: lm-evaluation-harness, in an environment of its own.

Takes the model folder as argument. Reads a list of ``[prompt, labels]`` as JSON from each line of standard input;
answers each with the time it took, the tokens of the prompts, and the log-probability of each label.
"""

from __future__ import annotations

import json
import os
import sys
import time

BATCH = 16


def main() -> None:
    """Answer line by line until the input ends."""
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the libraries print must not mix with the answers
    import torch
    import transformers
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    lm = HFLM(sys.argv[1], device="cpu", dtype="float32", batch_size=BATCH, logits_cache=True)
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps({"versions": versions, "threads": torch.get_num_threads()}), file=reply, flush=True)
    for line in sys.stdin:
        work = json.loads(line)
        pairs = [(prompt, label) for prompt, labels in work for label in labels]
        requests = [Instance("loglikelihood", {}, pair, place) for place, pair in enumerate(pairs)]
        begin, busy = time.perf_counter(), time.process_time()
        answers = lm.loglikelihood(requests, disable_tqdm=True)
        took, busy = time.perf_counter() - begin, time.process_time() - busy
        tokens = sum(len(lm.tok_encode(prompt)) for prompt, _ in work)
        found = {"seconds": took, "busy": busy, "tokens": tokens, "logs": [log for log, _ in answers]}
        print(json.dumps(found), file=reply, flush=True)


if __name__ == "__main__":
    main()
