# A stand-in for the socket on which systemd listens: prints what it is told, one word a line.
import array
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, ancillary, _flags, _address = listener.recvmsg(4096, 1024)
    # BARRIER=1 comes with a descriptor, whose end systemd-notify waits for.
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            for descriptor in array.array("i", content):
                os.close(descriptor)
    print(data.decode(), flush=True)
