import { openApiPaths } from './openapi-paths.ts'
import { openApiSchemas } from './openapi-schemas.ts'

/** The API in OpenAPI 3.1. Tests validate every answer and every frame against it. */
export function openApiDocument(publicUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backspace',
      version: '1',
      description:
        'Starts runs on GitHub repositories and reports what happens in them. Every call needs an API token or a signed-in browser, unless only the machine itself can reach the service and no token exists yet.',
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    paths: openApiPaths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: openApiSchemas(),
    },
  } as const
}
