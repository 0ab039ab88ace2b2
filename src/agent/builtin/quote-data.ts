import { removeInvisible } from '../../text/hidden-characters.ts'

/**
 * Text that others wrote, between marks that they could not have written: the nonce is new in each run. The
 * system prompt says what such a block is worth.
 *
 * @param source where it comes from, for the model: `issue #12 by alice`.
 */
export function quoteData({ source, text, nonce }: { source: string; text: string; nonce: string }): string {
  const mark = `data-${nonce}`
  const inside = removeInvisible(text).replaceAll(mark, 'data-').trim()
  const label = removeInvisible(source).replaceAll(/["<>\n]/g, "'")
  return `<${mark} source="${label}">\n${inside}\n</${mark}>`
}
