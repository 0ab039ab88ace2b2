/** The link labels that a Markdown text refers to, and those that it defines. */
export interface LinkLabels {
  isUsed(label: string): boolean
  isDefined(label: string): boolean
}

/** Finds the labels in a text. A label in brackets is a reference; if a colon follows, it is a definition. */
export function readLabels(text: string): LinkLabels {
  const used = new Set<string>()
  const defined = new Set<string>()
  for (const [, label = '', colon] of text.matchAll(/\[([^[\]]+)\](:?)/g)) {
    if (colon === ':') defined.add(keyOf(label))
    else used.add(keyOf(label))
  }
  return {
    isUsed: (label) => used.has(keyOf(label)),
    isDefined: (label) => defined.has(keyOf(label)),
  }
}

function keyOf(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase()
}
