import type { CheckedPart, Finding } from '../../../readiness/finding.ts'
import { forTerminal } from '../../../text/terminal-text.ts'
import { wrapText } from './columns.ts'
import { createPaint, type Paint } from './paint.ts'

interface Look {
  readonly part: Pick<CheckedPart, 'id' | 'name' | 'group'>
  readonly finding: Promise<Finding>
}

/** Width of the names of parts, in columns. */
const NAME = 16
/** How often to show which parts are still being tried, on a terminal and in a file. Milliseconds. */
const TICK_MS = 200
const REMIND_MS = 5_000
/** Escape sequence that clears the current line. */
const CLEAR = '\r\u001b[2K'

/** Prints the findings in order, each as soon as it is known, and meanwhile the parts that are still being tried. */
export async function showAsTheyCome(
  looks: readonly Look[],
  out: NodeJS.WriteStream,
): Promise<readonly Finding[]> {
  const paint = createPaint(out)
  const began = performance.now()
  const waiting = new Set(looks.map(({ part }) => part.name))
  for (const { part, finding } of looks) void finding.then(() => waiting.delete(part.name))
  const remind = () => {
    const seconds = Math.round((performance.now() - began) / 1000)
    const text = `… trying ${[...waiting].join(', ')} (${seconds} s)`
    const width = Math.max(20, (out.columns ?? 100) - 4)
    const shown = text.length > width ? `${text.slice(0, width - 1)}…` : text
    out.write(out.isTTY ? `${CLEAR}  ${paint('dim', shown)}` : `  ${shown}\n`)
  }
  const timer = setInterval(remind, out.isTTY ? TICK_MS : REMIND_MS)
  const findings: Finding[] = []
  for (const { part, finding } of looks) {
    const found = await finding
    const isFirst = findings.at(-1)?.group !== part.group
    if (out.isTTY) out.write(CLEAR)
    if (isFirst) out.write(`\n  ${paint('bold', part.group)}\n`)
    out.write(drawFinding(found, { paint, width: out.columns ?? Number.POSITIVE_INFINITY }))
    findings.push(found)
  }
  clearInterval(timer)
  out.write('\n')
  return findings
}

function drawFinding(
  { state, name, fact, path, costs, next, link }: Finding,
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  const mark = {
    ok: paint('green', '✓'),
    waiting: paint('yellow', '○'),
    broken: paint('red', '✗'),
    not_set: paint('yellow', '–'),
  }[state]
  const margin = ' '.repeat(NAME + 4)
  const place = name.length < NAME ? name.padEnd(NAME) : `${name}\n${margin}`
  const block = (text: string) =>
    wrapText(forTerminal(text), Math.max(30, width - margin.length))
      .split('\n')
      .join(`\n${margin}`)
  const more = [costs, next && `→ ${next}`, link && `→ ${link.text}: ${link.url}`]
    .filter((text) => text !== undefined)
    .map((text) => `${margin}${paint('dim', block(text))}\n`)
  return `  ${mark} ${place}${block(path === undefined ? fact : `${fact} (${path})`)}\n${more.join('')}`
}
