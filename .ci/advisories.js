// Fails when a package that runs in production has a known vulnerability, high or critical. Needs a registry that
// answers questions about advisories; without one it says so and passes, since it proves nothing either way.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const options = ['--json', '--omit=dev', '--audit-level=high', '--fetch-retries=0', '--fetch-timeout=20000']
const { stdout, status } = spawnSync('npm', ['audit', ...options], {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
const found = report()?.vulnerabilities
if (found === undefined) {
  console.log('advisories: skipped, because the registry does not answer questions about advisories')
} else if (status === 0) {
  console.log('advisories: no package that runs in production has one of level high or critical')
} else {
  for (const { name, severity, range, fixAvailable } of Object.values(found)) {
    const cure = fixAvailable ? 'a fixed version exists' : 'no fixed version exists'
    if (/high|critical/.test(severity)) console.log(`advisories: ${name} ${range}: ${severity}, ${cure}`)
  }
  process.exitCode = 1
}

function report() {
  try {
    return JSON.parse(stdout)
  } catch {
    return undefined
  }
}
