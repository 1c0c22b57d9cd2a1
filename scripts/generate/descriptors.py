"""Writes a FileDescriptorSet of the listed protos, and of all they import, from the installed xds-protos package."""
import importlib
import sys
from collections.abc import Iterable

from google.protobuf import descriptor_pb2, descriptor_pool


def set_json_names(messages: Iterable[descriptor_pb2.DescriptorProto]) -> None:
    """Python's descriptors leave out json_name, which protoc always writes."""
    for message in messages:
        for field in message.field:
            head, *rest = field.name.split("_")
            field.json_name = head + "".join(word[:1].upper() + word[1:] for word in rest)
        set_json_names(message.nested_type)


def main(listing: str, out: str) -> None:
    with open(listing, encoding="utf-8") as lines:
        names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for name in names:
        importlib.import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
    pool = descriptor_pool.Default()
    found: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(name: str) -> None:
        if name in found:
            return
        file = pool.FindFileByName(name)
        for dependency in file.dependencies:
            add(dependency.name)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        set_json_names(proto.message_type)
        found[name] = proto

    for name in names:
        add(name)
    with open(out, "wb") as image:
        image.write(descriptor_pb2.FileDescriptorSet(file=list(found.values())).SerializeToString(deterministic=True))
    print(f"{len(found)} proto files")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
