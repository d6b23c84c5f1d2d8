// SPDX-License-Identifier: Apache-2.0

// Command exclaim is a Go function as a worker starts one: it reads -instance-conf, puts an exclamation mark behind each
// text, and answers the worker.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"os/signal"
	"syscall"

	"github.com/apache/pulsar-client-go/pulsar"
)

// instanceConf is what this function needs of the worker's JSON.
type instanceConf struct {
	PulsarServiceURL string            `json:"pulsarServiceURL"`
	Tenant           string            `json:"tenant"`
	NameSpace        string            `json:"nameSpace"`
	Name             string            `json:"name"`
	InstanceID       int               `json:"instanceID"`
	Port             int               `json:"port"`
	MetricsPort      int               `json:"metricsPort"`
	SubscriptionName string            `json:"subscriptionName"`
	SourceInputSpecs map[string]string `json:"sourceInputSpecs"`
	SinkSpecsTopic   string            `json:"sinkSpecsTopic"`
}

func main() {
	text := flag.String("instance-conf", "", "JSON from the worker")
	flag.Parse()
	var conf instanceConf
	if err := json.Unmarshal([]byte(*text), &conf); err != nil {
		log.Fatalf("-instance-conf: %v", err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	counters := &counters{}
	go serveControl(conf, counters)
	go serveMetrics(conf, counters)
	if err := process(ctx, conf, counters); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

// process moves messages until ctx ends; it acknowledges an input after its output is stored.
func process(ctx context.Context, conf instanceConf, counters *counters) error {
	client, err := pulsar.NewClient(pulsar.ClientOptions{URL: conf.PulsarServiceURL})
	if err != nil {
		return err
	}
	defer client.Close()
	consumer, err := client.Subscribe(consumerOptions(conf))
	if err != nil {
		return err
	}
	defer consumer.Close()
	producer, err := client.CreateProducer(pulsar.ProducerOptions{Topic: conf.SinkSpecsTopic})
	if err != nil {
		return err
	}
	defer producer.Close()
	for {
		message, err := consumer.Receive(ctx)
		if err != nil {
			return err
		}
		counters.received.Add(1)
		output := pulsar.ProducerMessage{Payload: append(message.Payload(), '!')}
		if _, err := producer.Send(ctx, &output); err != nil {
			return err
		}
		if err := consumer.Ack(message); err != nil {
			return err
		}
		counters.processed.Add(1)
	}
}

func consumerOptions(conf instanceConf) pulsar.ConsumerOptions {
	name := conf.SubscriptionName
	if name == "" {
		name = conf.Tenant + "/" + conf.NameSpace + "/" + conf.Name
	}
	var topics []string
	for topic := range conf.SourceInputSpecs {
		topics = append(topics, topic)
	}
	return pulsar.ConsumerOptions{
		Topics:                      topics,
		SubscriptionName:            name,
		Type:                        pulsar.Shared,
		SubscriptionInitialPosition: pulsar.SubscriptionPositionEarliest,
	}
}
