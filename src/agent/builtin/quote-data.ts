import { forModel } from '../../text/hidden-characters.ts'

/**
 * Quotes text that others wrote between marks that they could not have written: the nonce is new in each run. The
 * system prompt tells the model not to obey such a block.
 *
 * @param source where it comes from, for the model: `issue #12 by alice`.
 * @param isFileText keeps hidden characters: a model that edits a file needs to see what is in it.
 */
export function quoteData({
  source,
  text,
  nonce,
  isFileText = false,
}: {
  readonly source: string
  readonly text: string
  readonly nonce: string
  readonly isFileText?: boolean
}): string {
  const mark = `data-${nonce}`
  const inside = (isFileText ? text : forModel(text)).replaceAll(mark, 'data_').trim()
  const label = forModel(source).replaceAll(/["<>\n]/g, "'")
  return `<${mark} source="${label}">\n${inside}\n</${mark}>`
}
