import { z } from 'zod'
import { createTestList, type ReportPlace, type ReportReading, type TestStatus } from './named-test.ts'

const STATUSES: Readonly<Record<string, TestStatus>> = { passed: 'passed', failed: 'failed' }

const jest = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string().optional(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          ancestorTitles: z.array(z.string()).catch([]),
          status: z.string(),
        }),
      ),
    }),
  ),
})

/** @param text a report of Jest (`--json`) or Vitest (`--reporter=json`). */
export function readJest(text: string, place: ReportPlace): ReportReading {
  const report = parse(jest, text)
  if (report === undefined) return { problem: 'its report is not whole' }
  const list = createTestList(place)
  for (const { name, status, assertionResults } of report.testResults) {
    for (const test of assertionResults) {
      list.add({
        path: [...test.ancestorTitles, test.title],
        file: name,
        status: STATUSES[test.status] ?? 'skipped',
      })
    }
    // A file that cannot be loaded has no tests, so it counts as one failed test itself.
    const anyFailed = assertionResults.some((test) => test.status === 'failed')
    if (status === 'failed' && !anyFailed) list.add({ path: [], file: name, status: 'failed' })
  }
  return list.reading()
}

const rspec = z.object({
  examples: z.array(z.object({ full_description: z.string(), file_path: z.string(), status: z.string() })),
  summary: z.object({ errors_outside_of_examples_count: z.number().optional() }).optional(),
})

/** @param text a report of RSpec (`--format json`). */
export function readRspec(text: string, place: ReportPlace): ReportReading {
  const report = parse(rspec, text)
  if (report === undefined) return { problem: 'its report is not whole' }
  const list = createTestList(place)
  for (const { full_description, file_path, status } of report.examples) {
    list.add({ path: [full_description], file: file_path, status: STATUSES[status] ?? 'skipped' })
  }
  if ((report.summary?.errors_outside_of_examples_count ?? 0) > 0) {
    list.add({ path: ['(outside of examples)'], status: 'failed' })
  }
  return list.reading()
}

const line = z.object({
  path: z.array(z.string()),
  file: z.string().optional(),
  status: z.enum(['passed', 'failed', 'skipped']),
})

/** @param texts reports of the reporters in `own-reporters.ts`, with one test per line. */
export function readOwnLines(texts: readonly string[], place: ReportPlace): ReportReading {
  const list = createTestList(place)
  for (const text of texts.join('\n').split('\n')) {
    if (text === '') continue
    const test = parse(line, text)
    if (test === undefined) return { problem: 'its report is not whole' }
    list.add(test)
  }
  return list.reading()
}

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
