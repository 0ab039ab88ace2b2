import { readXml } from '../../text/read-xml.ts'
import { type CoveragePlace, candidatesOf } from './coverage-place.ts'
import type { CoverageSink, MarkLines } from './coverage-sink.ts'

type Attributes = Readonly<Record<string, string>>

/**
 * Reads coverage in XML: Cobertura's (coverage.py, gcovr, coverlet), JaCoCo's or Clover's, recognised by their elements.
 *
 * @returns false if the text is in another format or an incomplete document.
 */
export function readXmlCoverage(text: string, place: CoveragePlace, sink: CoverageSink): boolean {
  const sources: string[] = []
  let source: string | undefined
  let root: string | undefined
  let packageName = ''
  let mark: MarkLines | undefined

  function openIn(name: string, attributes: Attributes): void {
    const { filename, name: own = '', path = own } = attributes
    if (name === 'source') source = ''
    else if (name === 'package') packageName = own
    else if (name === 'class' && filename !== undefined)
      mark = sink.of(candidatesOf(filename, place, sources))
    else if (name === 'sourcefile')
      mark = sink.of(sink.endingWith(`${packageName}/${own}`.replace(/^\//, '')), true)
    else if (name === 'file') mark = sink.of(candidatesOf(path, place))
    else if (name === 'line') markLine(attributes)
  }

  function markLine({ number, hits, nr, ci, num, count }: Attributes): void {
    const [line, times] = root === 'report' ? [nr, ci] : number === undefined ? [num, count] : [number, hits]
    if (line !== undefined && times !== undefined) mark?.(Number(line), Number(line), Number(times))
  }

  const isWhole = readXml(text, {
    open(name, attributes) {
      root ??= name
      openIn(name, attributes)
    },
    text(part) {
      if (source !== undefined) source += part
    },
    close(name) {
      if (name === 'source' && source !== undefined) {
        sources.push(source.trim())
        source = undefined
      } else if (name === 'class' || name === 'sourcefile' || name === 'file') mark = undefined
    },
  })
  return isWhole && (root === 'coverage' || root === 'report')
}
