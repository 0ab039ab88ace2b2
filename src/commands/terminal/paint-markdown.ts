import type { Paint } from './palette.ts'

/** Markdown as it is read in a terminal: headings bold, code in colour, boxes drawn. Where there are no colours, code keeps its marks. */
export function paintMarkdown(markdown: string, paint: Paint): string {
  return markdown
    .split('\n')
    .map((line) => paintLine(line, paint))
    .join('\n')
}

function paintLine(line: string, paint: Paint): string {
  const heading = /^#{1,6} (.*)$/.exec(line)?.[1]
  if (heading !== undefined) return paint('bold', heading)
  return line
    .replace(/^(\s*)- \[ \] /, '$1☐ ')
    .replace(/^(\s*)- \[x\] /i, '$1☑ ')
    .replace(/^(\s*)- /, '$1• ')
    .replace(/(`+)(?!`)(.*?[^`])\1(?!`)/g, (whole, _, code: string) => {
      const painted = paint('cyan', code)
      return painted === code ? whole : painted
    })
    .replace(/\*\*(?=\S)(.+?)\*\*/g, (_, text: string) => paint('bold', text))
}
