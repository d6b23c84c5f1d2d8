// Calls one method of the Go admin client:
//
//	client URL Functions StopFunction '["tenant", "namespace", "name"]'
//
// and prints {"results": [...], "code": 0, "error": ""}. Methods are found by reflection, so that a test can ask for the
// names of all that there are: `client URL Functions`.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/apache/pulsar-client-go/pulsaradmin/pkg/admin"
	"github.com/apache/pulsar-client-go/pulsaradmin/pkg/admin/config"
	"github.com/apache/pulsar-client-go/pulsaradmin/pkg/rest"
)

// Code is the status of an HTTP answer that is an error, 0 without one.
type answer struct {
	Results []any  `json:"results"`
	Code    int    `json:"code"`
	Error   string `json:"error"`
}

func main() {
	answer, err := answered(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answered(arguments []string) (answer, error) {
	if len(arguments) != 2 && len(arguments) != 4 {
		return answer{}, errors.New("usage: client URL CLIENT [METHOD ARGUMENTS]")
	}
	client, err := connected(arguments[0], arguments[1])
	if err != nil {
		return answer{}, err
	}
	if len(arguments) == 2 {
		return answer{Results: methods(client.Type())}, nil
	}
	return called(client.MethodByName(arguments[2]), arguments[2], []byte(arguments[3]))
}

// The worker's own routes are of version 2 of the API, those of functions, sources and sinks of version 3.
func connected(url, name string) (reflect.Value, error) {
	version := config.V3
	if name == "FunctionsWorker" {
		version = config.V2
	}
	client, err := admin.New(&config.Config{WebServiceURL: url, PulsarAPIVersion: version})
	if err != nil {
		return reflect.Value{}, err
	}
	part := reflect.ValueOf(client).MethodByName(name)
	if !part.IsValid() {
		return reflect.Value{}, fmt.Errorf("the client has no %s", name)
	}
	return part.Call(nil)[0], nil
}

func methods(client reflect.Type) []any {
	names := make([]any, client.NumMethod())
	for i := range names {
		names[i] = client.Method(i).Name
	}
	return names
}

func called(method reflect.Value, name string, given []byte) (answer, error) {
	var encoded []json.RawMessage
	if err := json.Unmarshal(given, &encoded); err != nil {
		return answer{}, err
	}
	if !method.IsValid() || method.Type().NumIn() != len(encoded) {
		return answer{}, fmt.Errorf("no method %s of %d arguments", name, len(encoded))
	}
	arguments := make([]reflect.Value, len(encoded))
	for i := range encoded {
		argument := reflect.New(method.Type().In(i))
		if err := json.Unmarshal(encoded[i], argument.Interface()); err != nil {
			return answer{}, err
		}
		arguments[i] = argument.Elem()
	}
	return result(method.Call(arguments)), nil
}

// The last of the values is the error.
func result(values []reflect.Value) answer {
	last := len(values) - 1
	if err, is := values[last].Interface().(error); is {
		return failed(err)
	}
	results := make([]any, last)
	for i := range results {
		results[i] = values[i].Interface()
	}
	return answer{Results: results}
}

func failed(err error) answer {
	var refused rest.Error
	if errors.As(err, &refused) {
		return answer{Code: refused.Code, Error: refused.Reason}
	}
	return answer{Error: err.Error()}
}
