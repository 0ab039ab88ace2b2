import { forModel } from '../../text/hidden-characters.ts'

/**
 * Quotes text of outsiders between marks that they could not forge, since the nonce is new in each run. The system prompt
 * tells the model not to obey such a block.
 *
 * @param source tells the model where the text comes from: `issue #12 by alice`.
 * @param isFileText true keeps hidden characters, because a model that edits a file must see them.
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
