import { wrapText } from './columns.ts'
import { oneLine, type Paint, paintInline } from './paint.ts'

const WIDTH = 80
/** Width of the labels, in columns. */
const LABEL = 12

/** Commands are shown whole, so that they can be copied. */
export function commandLines(label: string, commands: readonly string[], paint: Paint): readonly string[] {
  return commands.map(
    (command, index) =>
      `  ${paint('dim', (index === 0 ? label : '').padEnd(LABEL))}${paint('cyan', oneLine(command))}`,
  )
}

/** A line with a label; a long text goes on below itself. */
export function labelled(label: string, text: string, paint: Paint, style?: 'yellow'): readonly string[] {
  const lines = wrapText(oneLine(text), WIDTH - LABEL - 2).split('\n')
  return lines.map((line, index) => {
    const shown = paintInline(line, paint)
    return `  ${paint('dim', (index === 0 ? label : '').padEnd(LABEL))}${style === undefined ? shown : paint(style, shown)}`
  })
}

/** A title and its items; nothing without items. */
export function listPart(title: string, items: readonly string[], paint: Paint): readonly string[] {
  if (items.length === 0) return []
  return [paint('bold', title), ...items.flatMap((item) => paragraph(`- ${oneLine(item)}`, 2, paint))]
}

/** A paragraph of the width of the view. */
export function paragraph(text: string, indent: number, paint: Paint): readonly string[] {
  return wrapText(text, WIDTH - indent)
    .split('\n')
    .map((line) => `${' '.repeat(indent)}${paintInline(line.replace(/^- /, '• '), paint)}`)
}
