const OPENED = '\ue000'
const CLOSED = '\ue001'

/**
 * Masks the expressions in the text of a workflow, since the braces of an unquoted `${{ x }}` would open a map in YAML. A
 * `}}` without an expression ends two maps and stays.
 */
export function maskExpressions(text: string): string {
  let isOpen = false
  return text.replace(/\$\{\{|\}\}/g, (mark) => {
    if (mark === '}}' && !isOpen) return mark
    isOpen = mark !== '}}'
    return isOpen ? OPENED : CLOSED
  })
}

/** Restores the expressions in a value of a masked workflow. */
export function unmaskExpressions(text: string): string {
  return text.replaceAll(OPENED, '${{').replaceAll(CLOSED, '}}')
}
