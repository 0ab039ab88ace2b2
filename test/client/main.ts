import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientTypes } from '../../src/web/openapi/client-types.ts'
import { buildClient } from './build-client.ts'

const ROOT = join(import.meta.dirname, '../..')

// `npm run client`: after a change of the API or of src/client.
writeFileSync(join(ROOT, 'src/client/api-types.ts'), clientTypes())
rmSync(join(ROOT, 'client'), { recursive: true, force: true })
buildClient(join(ROOT, 'client'))
