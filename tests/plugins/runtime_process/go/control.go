// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// counters is what the function tells of itself.
type counters struct {
	received, processed atomic.Int64
}

// message is a protobuf message as bytes: the few fields that are needed are written by hand, instead of generated code.
type message []byte

func (m message) number(field protowire.Number, value int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(value))
}

func (m message) text(field protowire.Number, value string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), value)
}

// rawCodec passes messages through.
type rawCodec struct{}

func (rawCodec) Marshal(value any) ([]byte, error)      { return *value.(*message), nil }
func (rawCodec) Unmarshal(data []byte, value any) error { *value.(*message) = data; return nil }
func (rawCodec) Name() string                           { return "proto" }

// serveControl answers proto.InstanceControl.
func serveControl(conf instanceConf, counters *counters) {
	answers := map[string]func() message{
		"GetFunctionStatus": func() message {
			status := message{}.number(1, 1).number(5, counters.processed.Load())
			return status.text(14, strconv.Itoa(conf.InstanceID)).number(17, counters.received.Load())
		},
		"GetMetrics":         func() message { return metrics(counters) },
		"GetAndResetMetrics": func() message { return metrics(counters) },
		"ResetMetrics":       func() message { return nil },
		"HealthCheck":        func() message { return message{}.number(1, 1) },
	}
	service := grpc.ServiceDesc{ServiceName: "proto.InstanceControl", HandlerType: (*any)(nil)}
	for name, answer := range answers {
		service.Methods = append(service.Methods, grpc.MethodDesc{MethodName: name, Handler: handler(answer)})
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", conf.Port))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}))
	server.RegisterService(&service, struct{}{})
	log.Fatal(server.Serve(listener))
}

func metrics(counters *counters) message {
	return message{}.number(2, counters.received.Load()).number(4, counters.processed.Load())
}

func handler(answer func() message) grpc.MethodHandler {
	return func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request message
		if err := decode(&request); err != nil {
			return nil, err
		}
		reply := answer()
		return &reply, nil
	}
}

// serveMetrics answers on the metrics port, with the names of upstream's Go instances.
func serveMetrics(conf instanceConf, counters *counters) {
	show := func(response http.ResponseWriter, _ *http.Request) {
		labels := fmt.Sprintf(`{tenant=%q,namespace=%q,name=%q,instance_id="%d"}`,
			conf.Tenant, conf.Tenant+"/"+conf.NameSpace, conf.Name, conf.InstanceID)
		fmt.Fprintf(response, "# TYPE pulsar_function_received_total gauge\n")
		fmt.Fprintf(response, "pulsar_function_received_total%s %d\n", labels, counters.received.Load())
	}
	log.Fatal(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", conf.MetricsPort), http.HandlerFunc(show)))
}
