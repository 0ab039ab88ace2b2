import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../src/sandbox/local/find-program.ts'
import { postgresBinaries } from './postgres.ts'

/**
 * Names the place of this test run's template database (see `template-database.ts`) and removes it at the end. Then
 * says which tests were left out for want of a program, and the one line that installs it.
 */
export function setup(): () => void {
  const template = join(tmpdir(), `backspace-template-${process.pid}`)
  process.env.BACKSPACE_TEST_TEMPLATE = template
  return () => {
    rmSync(template, { recursive: true, force: true })
    const missing = missingPackages()
    if (missing.length > 0) process.stdout.write(`${leftOut(missing)}\n`)
  }
}

function missingPackages(): string[] {
  const programs = { bubblewrap: 'bwrap', chromium: 'chromium', ripgrep: 'rg' }
  const missing = Object.entries(programs).filter(([, name]) => !findProgram(name, process.env.PATH))
  return [...missing.map(([name]) => name), ...(postgresBinaries() ? [] : ['postgresql'])]
}

function leftOut(packages: readonly string[]): string {
  return `Tests that need ${packages.join(', ')} were left out. To run them too: sudo apt-get install -y ${packages.join(' ')}`
}
