import { join } from 'node:path'
import { createSettingsReader } from '../../src/settings/settings-reader.ts'
import { writeOutput } from './write-output.ts'

/** The build command of `vercel.json`. */
const root = join(import.meta.dirname, '../..')
const reader = createSettingsReader(process.env)
const seconds = reader.integer('BACKSPACE_FUNCTION_SECONDS', { min: 10, max: 3600 })
const workers = reader.integer('BACKSPACE_FUNCTION_WORKERS', { min: 0, max: 100 })
const cron = workers > 0 ? reader.get('BACKSPACE_FUNCTION_CRON') : undefined
if (reader.problems.length > 0) {
  console.error(reader.problems.join('\n'))
  process.exit(1)
}
const { files, bytes } = writeOutput({ root, to: join(root, '.vercel/output'), seconds, cron })
console.log(`Wrote a function of ${files} files, ${Math.round(bytes / 1024 ** 2)} MiB.`)
