import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { endServersIn, postgresBinaries } from './postgres.ts'

/**
 * Names the places of this test run, which all its processes inherit: for temporary files, for what Node compiled, and
 * for the template database (see `template-database.ts`). Removes them at the end, and says which tests were left out
 * because a program is missing, and the one line that installs it.
 */
export function setup(): () => Promise<void> {
  // Short, since the path of a socket below it may have 107 bytes.
  const place = mkdtempSync(join(hasRoomInMemory() ? MEMORY : tmpdir(), 'bs-'))
  // PostgreSQL runs as another user, and must get to its directory.
  chmodSync(place, 0o711)
  process.env.TMPDIR = place
  process.env.NODE_COMPILE_CACHE ??= join(place, 'compiled')
  process.env.TEST_DATABASE_TEMPLATE = join(place, 'template')
  process.env.TEST_POSTGRES_TEMPLATE = join(place, 'postgres')
  return async () => {
    await endServersIn(place)
    rmSync(place, { recursive: true, force: true, maxRetries: 3 })
    const missing = missingPackages()
    if (missing.length > 0) process.stdout.write(`${leftOut(missing)}\n`)
  }
}

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 1024 ** 3

/** Tests write many thousand small files. Memory takes them fastest, where there is enough of it and programs may run. */
function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    const probe = mkdtempSync(join(MEMORY, 'backspace-probe-'))
    try {
      writeFileSync(join(probe, 'run'), '#!/bin/sh\n', { mode: 0o755 })
      execFileSync(join(probe, 'run'))
      return bavail * bsize > ENOUGH_BYTES && freemem() > ENOUGH_BYTES
    } finally {
      rmSync(probe, { recursive: true })
    }
  } catch {
    return false
  }
}

function missingPackages(): string[] {
  const programs = {
    ...{ bubblewrap: 'bwrap', chromium: 'chromium', ripgrep: 'rg' },
    ...{
      'python3-pytest': 'pytest',
      golang: 'go',
      cargo: 'cargo',
      prometheus: 'promtool',
      ...{ 'nginx-light': 'nginx', caddy: 'caddy', systemd: 'systemd-analyze' },
      curl: 'curl',
      jq: 'jq',
    },
  }
  const missing = Object.entries(programs).filter(
    ([, name]) => !findProgram(name, `${process.env.PATH}:/usr/sbin`),
  )
  return [...missing.map(([name]) => name), ...(postgresBinaries() ? [] : ['postgresql'])]
}

function leftOut(packages: readonly string[]): string {
  return `Tests that need ${packages.join(', ')} were left out. To run them too: sudo apt-get install -y ${packages.join(' ')}`
}
