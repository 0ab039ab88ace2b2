import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Names the place of this test run's template database (see `template-database.ts`) and removes it at the end. */
export function setup(): () => void {
  const template = join(tmpdir(), `backspace-template-${process.pid}`)
  process.env.BACKSPACE_TEST_TEMPLATE = template
  return () => rmSync(template, { recursive: true, force: true })
}
