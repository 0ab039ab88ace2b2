const OPENED = '\ue000'
const CLOSED = '\ue001'

/**
 * The text of a workflow with its expressions masked: outside of quotes, the braces of `${{ x }}` would open a map in
 * YAML. `}}` alone is the end of two maps.
 */
export function maskExpressions(text: string): string {
  let isOpen = false
  return text.replace(/\$\{\{|\}\}/g, (mark) => {
    if (mark === '}}' && !isOpen) return mark
    isOpen = mark !== '}}'
    return isOpen ? OPENED : CLOSED
  })
}

/** A value of such a workflow as its author wrote it. */
export function unmaskExpressions(text: string): string {
  return text.replaceAll(OPENED, '${{').replaceAll(CLOSED, '}}')
}
