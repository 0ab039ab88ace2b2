import { readXml } from '../../text/read-xml.ts'
import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

const OUTCOMES: Readonly<Record<string, TestStatus>> = {
  passed: 'passed',
  passedbutrunaborted: 'passed',
  failed: 'failed',
  error: 'failed',
  timeout: 'failed',
  aborted: 'failed',
}

/** @param texts reports of `dotnet test --logger trx`, one per test project. */
export function readTrx(texts: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  for (const text of texts) {
    const results: { readonly name: string; readonly id: string; readonly status: TestStatus }[] = []
    const classes = new Map<string, string>()
    let id = ''
    const whole = readXml(text, {
      open(element, attributes) {
        if (element === 'UnitTest') id = attributes.id ?? ''
        if (element === 'TestMethod') classes.set(id, (attributes.className ?? '').split(',')[0] ?? '')
        if (element !== 'UnitTestResult') return
        const { testName = '', testId = '', outcome = '' } = attributes
        results.push({ name: testName, id: testId, status: OUTCOMES[outcome.toLowerCase()] ?? 'skipped' })
      },
      close: () => undefined,
    })
    if (!whole) return { problem: 'its report is not whole' }
    for (const { name, id: test, status } of results) {
      // xUnit puts the class in front of the name, MSTest does not.
      const owner = classes.get(test) ?? ''
      list.add({ path: [owner, name.startsWith(`${owner}.`) ? name.slice(owner.length + 1) : name], status })
    }
  }
  return list.reading()
}
