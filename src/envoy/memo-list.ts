interface Node<R> {
  result?: { readonly value: R };
  next?: WeakMap<object, Node<R>>;
}

/**
 * As `memo` of lib, for a list of input objects of any length: `build` once for each distinct list, by the identity and
 * order of its members. A result lives as long as the members do.
 */
export function memoList<I extends object, R>(build: (inputs: readonly I[]) => R): (inputs: readonly I[]) => R {
  const root: Node<R> = {};
  return (inputs) => {
    let node = root;
    for (const input of inputs) {
      const children = (node.next ??= new WeakMap());
      let child = children.get(input);
      if (!child) children.set(input, (child = {}));
      node = child;
    }
    node.result ??= { value: build(inputs) };
    return node.result.value;
  };
}
