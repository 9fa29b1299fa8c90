import { RouteTable } from './route-table.js';

describe(RouteTable, () => {
  const routes = new RouteTable();
  routes.add('POST', '/api/v2/workflows');
  routes.add('GET', '/api/v2/workflows');
  routes.add(['GET', 'HEAD'], '/api/v2/workflows/:id');
  routes.add('POST', '/api/v2/workflows/:id/tokens');
  routes.add('GET', '/files/*');
  routes.add('GET', '/a.b');

  it.each([
    ['/api/v2/workflows', ['GET', 'POST']],
    ['/api/v2/workflows?limit=1', ['GET', 'POST']],
    ['/api/v2/workflows/7', ['GET', 'HEAD']],
    ['/api/v2/workflows/7/tokens', ['POST']],
    ['/files/x/y', ['GET']],
    ['/a.b', ['GET']],
    ['/axb', []],
    ['/api/v2/workflows/', ['GET', 'POST']],
    ['/api/v2', []],
    ['/api/v2/workflows/7/8', []],
    ['', []],
  ])('lists the methods of %s', (url, methods) => {
    expect(routes.methodsAt(url)).toEqual(methods);
  });
});
