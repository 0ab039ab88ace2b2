/** One figure of a bench. */
export interface Measurement {
  /** What was measured, the same from run to run. */
  readonly name: string
  /** Where: a back end, or another variant; '' when there is only one. */
  readonly variant: string
  readonly value: number
  readonly unit: 'ms' | 's' | 'KB' | 'MB' | '%' | 'count'
  /** The most that is allowed (by ARCHITECTURE section 9 …); undefined for figures that only inform. */
  readonly target?: number
  /** Then `target` is the least. */
  readonly moreIsBetter?: boolean
}

/** What was left out, and why. */
export interface LeftOut {
  readonly name: string
  readonly reason: string
}

export interface BenchResult {
  readonly measurements: readonly Measurement[]
  readonly leftOut: readonly LeftOut[]
}

export function isMissed({ value, target, moreIsBetter }: Measurement): boolean {
  if (target === undefined) return false
  return !(moreIsBetter ? value >= target : value <= target)
}

/** One line below the table. What was not measured met no target. */
export function outcomeText(measurements: readonly Measurement[]): string {
  const judged = measurements.filter(({ target }) => target !== undefined)
  const missed = judged.filter(isMissed)
  if (measurements.length === 0) return 'nothing was measured'
  if (judged.length === 0) return 'none of this has a target'
  return missed.length === 0 ? 'every target of these is met' : `${missed.length} beyond the target (✗)`
}

/** @param fraction 0.5 for the median. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN
}

/** Lines of a table, one row per measurement and one column per variant. */
export function measurementTable(measurements: readonly Measurement[]): string {
  const variants = [...new Set(measurements.map(({ variant }) => variant))]
  const names = [...new Set(measurements.map(({ name }) => name))]
  const header = ['', ...variants, 'target']
  const rows = names.map((name) => {
    const own = measurements.filter((measurement) => measurement.name === name)
    const cells = variants.map((variant) => cell(own.find((found) => found.variant === variant)))
    const limited = own.find(({ target }) => target !== undefined)
    // Targets may differ from variant to variant.
    const targets = [...new Set(own.map(({ target }) => target).filter((target) => target !== undefined))]
    return [
      name,
      ...cells,
      limited
        ? `${limited.moreIsBetter ? '≥' : '≤'} ${targets.map(amount).join(' / ')} ${unitText(limited.unit)}`.trim()
        : '',
    ]
  })
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  ')
  return [header, ...rows].map(line).join('\n')
}

function cell(measurement: Measurement | undefined): string {
  if (!measurement) return '–'
  const text = `${amount(measurement.value)} ${unitText(measurement.unit)}`.trim()
  return isMissed(measurement) ? `${text} ✗` : measurement.target === undefined ? text : `${text} ✓`
}

function unitText(unit: Measurement['unit']): string {
  return unit === 'count' ? '' : unit
}

function amount(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1)
}
