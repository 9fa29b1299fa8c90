import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { FlowMetrics } from './flow-metrics.js';

@Controller()
export class MetricsController {
  constructor(private readonly metrics: FlowMetrics) {}

  @Get('metrics')
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('Cache-Control', 'no-store')
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
