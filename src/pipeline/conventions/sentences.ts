const MOST_SENTENCES = 2000
const MAX_SENTENCE = 600

const MAX_TEXT = 32 * 1024
/** A line that underlines a title or separates two parts. */
const RULE = /^\s{0,3}(?:={3,}|-{3,}|~{3,}|\^{3,}|\*{3,}|_{3,})\s*$/

/** Splits paragraphs, items and headings of a Markdown text at full stops, without code and comments. Takes linear time. */
export function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = []
  let paragraph: string[] = []
  let isCode = false
  let isComment = false
  const end = () => {
    const joined = paragraph.join(' ').slice(0, 20_000)
    sentences.push(
      ...joined.split(/(?<=[.!?])\s+(?=[A-Z*_`])/).map((one) => one.trim().slice(0, MAX_SENTENCE)),
    )
    paragraph = []
  }
  for (const line of text.slice(0, MAX_TEXT).split('\n')) {
    if (sentences.length > MOST_SENTENCES) break
    if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode
    if (line.includes('<!--')) isComment = true
    const isProse = !isCode && !isComment && !RULE.test(line)
    if (line.includes('-->')) isComment = false
    const startsAnew = /^\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>|\||$)/.test(line)
    if (startsAnew || !isProse) end()
    if (isProse) paragraph.push(line.replace(/^\s*(?:#{1,6}|[-*+]|\d+[.)]|>)\s+/, '').trim())
    if (isProse && /^\s*#/.test(line)) end()
  }
  end()
  return sentences.filter((sentence) => sentence !== '')
}
