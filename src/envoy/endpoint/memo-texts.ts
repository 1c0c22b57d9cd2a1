interface Node<R> {
  result?: { readonly value: R };
  readonly next: Map<string, Node<R>>;
}

/** `build` once for each distinct list of texts, which together are the whole input: a tree, as joined texts could collide. */
export function memoTexts<R>(build: (texts: readonly string[]) => R): (texts: readonly string[]) => R {
  const root: Node<R> = { next: new Map() };
  return (texts) => {
    let node = root;
    for (const text of texts) {
      let next = node.next.get(text);
      if (!next) node.next.set(text, (next = { next: new Map() }));
      node = next;
    }
    node.result ??= { value: build(texts) };
    return node.result.value;
  };
}
